//! Where the grown-ups of two files were and whom the child lived with: dated rows, chosen as whole
//! histories, because days of two different hands do not fit into each other.

use super::store::Moving;
use crate::children::store as children;
use crate::children::store::Child;
use crate::db::{self, Conn};
use crate::home::answers::{self, About, Answers, Asked, answers};
use crate::home::lines::{Line, every_line, lines, open_place, place_of};
use crate::home::pages::history_line;
use crate::home::rows::HomeRows;
use crate::ids::{ChildId, OperationId};
use crate::web::{Fields, Result, Viewer};
use rules::access::Act;
use rules::history::Parent;

/// What may be chosen by itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Topic {
    Father,
    Mother,
    Living,
}

const TOPICS: [(Topic, &str, &str); 3] = [
    (Topic::Father, "home_father", "爸爸在家和在外的日子"),
    (Topic::Mother, "home_mother", "妈妈在家和在外的日子"),
    (Topic::Living, "home_living", "和谁一起住"),
];

impl Topic {
    fn about(self) -> About {
        self.parent().map_or(About::Living, About::from)
    }

    fn parent(self) -> Option<Parent> {
        match self {
            Self::Father => Some(Parent::Father),
            Self::Mother => Some(Parent::Mother),
            Self::Living => None,
        }
    }
}

fn topic(line: &Line) -> Topic {
    match (line.what.as_str(), line.who.as_str()) {
        ("living", _) => Topic::Living,
        (_, "mother") => Topic::Mother,
        _ => Topic::Father,
    }
}

/// One history in two files: its name in the form, its title, and what each file says.
pub struct Told {
    pub id: &'static str,
    pub title: &'static str,
    pub one: String,
    pub other: String,
}

/// The histories that the two files tell differently; nothing for who may not read them.
pub async fn told(
    conn: &mut Conn,
    viewer: &Viewer,
    (one, other): (&Child, &Child),
) -> Result<Vec<Told>> {
    let reads = |child: &Child| child.allows(viewer, Act::SeeContacts);
    if !reads(one) || !reads(other) {
        return Ok(Vec::new());
    }
    let mut sides = Vec::with_capacity(2);
    for child in [one, other] {
        let key = children::key(conn, viewer, child).await?;
        let all = lines(conn, viewer, child).await?;
        let mut said = Vec::new();
        for line in &all {
            let place = open_place(line, &key)?;
            said.push((topic(line), history_line(line, &place, viewer.today())));
        }
        let answers = answers(conn, &viewer.school_id, child.id.as_str()).await?;
        let at_home = at_home(&all, &answers);
        said.extend(at_home.map(|topic| (topic, "问过，在家".to_owned())));
        sides.push(said);
    }
    let of = |side: usize, topic: Topic| {
        let own = sides.get(side).into_iter().flatten();
        let own = own.filter(|(one, _)| *one == topic);
        own.map(|(_, said)| said.as_str())
            .collect::<Vec<_>>()
            .join("；")
    };
    let all = TOPICS.iter().map(|(topic, id, title)| Told {
        id,
        title,
        one: of(0, *topic),
        other: of(1, *topic),
    });
    Ok(all.filter(|told| told.one != told.other).collect())
}

/// Of which parents is known that they are at home, because somebody asked and no line says otherwise.
fn at_home<'a>(all: &'a [Line], answers: &'a Answers) -> impl Iterator<Item = Topic> + 'a {
    let topics = TOPICS.iter().map(|(topic, ..)| *topic);
    topics.filter(move |wanted| {
        let is_told = all.iter().any(|line| topic(line) == *wanted);
        let is_asked = |parent| answers.is_asked(parent, all);
        !is_told && wanted.parent().is_some_and(is_asked)
    })
}

/// Which rows of the merged file go to the kept one, and which of the kept make room.
#[derive(Default)]
pub struct Moves {
    pub into: Vec<String>,
    pub out: Vec<String>,
    /// Of what the two files told differently, and somebody said which is right.
    pub chosen: Vec<About>,
}

/// What the kept file does not tell comes from the other; of two histories the chosen one stays, also
/// where it is that nobody has asked.
pub async fn moves(
    conn: &mut Conn,
    viewer: &Viewer,
    (kept, merged): (&Child, &Child),
    fields: &Fields,
) -> Result<Moves> {
    let mine = Side::of(conn, viewer, kept).await?;
    let theirs = Side::of(conn, viewer, merged).await?;
    let mut moves = Moves::default();
    for (topic, id, _) in TOPICS {
        let (known, other) = (mine.tells(topic), theirs.tells(topic));
        let is_theirs = match fields.get(id) {
            "one" => false,
            "other" => true,
            _ => !known,
        };
        if is_theirs {
            moves.into.extend(theirs.ids(topic));
            moves.out.extend(mine.ids(topic));
        }
        let is_told = if is_theirs { other } else { known };
        if is_told && matches!(fields.get(id), "one" | "other") {
            moves.chosen.push(topic.about());
        }
    }
    // An answer of before was about both parents: it is true of the one child.
    moves.into.extend(theirs.of_both);
    Ok(moves)
}

/// What one of the two files tells.
struct Side {
    lines: Vec<Line>,
    at_home: Vec<Topic>,
    answers: Vec<(String, Topic)>,
    of_both: Vec<String>,
}

impl Side {
    async fn of(conn: &mut Conn, viewer: &Viewer, child: &Child) -> Result<Self> {
        let lines = every_line(conn, viewer, child).await?;
        let answers = answers(conn, &viewer.school_id, child.id.as_str()).await?;
        let at_home = at_home(&lines, &answers).collect();
        let rows: Vec<(String, Option<String>)> =
            db::query_as("select id, parent from screening where school_id = $1 and child_id = $2")
                .bind(viewer.school_id.as_str())
                .bind(child.id.as_str())
                .fetch_all(conn)
                .await?;
        let topic = |about: &Option<String>| {
            let about = About::from_code(about.as_deref()?)?;
            TOPICS
                .iter()
                .map(|(topic, ..)| *topic)
                .find(|one| one.about() == about)
        };
        let (own, both): (Vec<_>, Vec<_>) = rows
            .into_iter()
            .map(|(id, about)| (id, topic(&about)))
            .partition(|(_, topic)| topic.is_some());
        Ok(Self {
            lines,
            at_home,
            answers: own
                .into_iter()
                .filter_map(|(id, topic)| Some((id, topic?)))
                .collect(),
            of_both: both.into_iter().map(|(id, _)| id).collect(),
        })
    }

    /// Whether it says anything, be it that a parent is at home.
    fn tells(&self, wanted: Topic) -> bool {
        self.at_home.contains(&wanted) || self.lines.iter().any(|line| topic(line) == wanted)
    }

    /// Its lines, and the answers that wrote them.
    fn ids(&self, wanted: Topic) -> Vec<String> {
        let lines = self.lines.iter().filter(|line| topic(line) == wanted);
        let answers = self.answers.iter().filter(|(_, topic)| *topic == wanted);
        let answers = answers.map(|(id, _)| id.clone());
        lines.map(|line| line.id.clone()).chain(answers).collect()
    }
}

/// Which history is right is an answer by hand; says the answers.
pub async fn choose(
    conn: &mut Conn,
    viewer: &Viewer,
    kept: &ChildId,
    chosen: &[About],
) -> Result<Vec<String>> {
    let mut ids = Vec::with_capacity(chosen.len());
    for about in chosen {
        let id = OperationId::new();
        let asked = Asked {
            id: id.as_str(),
            about: *about,
            line: None,
        };
        answers::put(conn, viewer, kept.as_str(), &asked).await?;
        ids.push(id.to_string());
    }
    Ok(ids)
}

/// What was known of the merged file's home is as it was before, whatever became of it since; what somebody
/// said of its lines, and the choice between the two, says nothing of the kept child.
pub async fn apart(
    conn: &mut Conn,
    viewer: &Viewer,
    (kept, merged): (&ChildId, &ChildId),
    (home, choices): (Option<HomeRows>, &[String]),
) -> Result<()> {
    let Some(home) = home else {
        return Ok(());
    };
    let of_lines = home.lines().map(|line| {
        (
            "delete from screening where school_id = $1 and child_id = $2 and line = $3",
            line.to_owned(),
        )
    });
    let of_choices = choices.iter().map(|id| {
        (
            "delete from screening where school_id = $1 and child_id = $2 and id = $3",
            id.clone(),
        )
    });
    for (sql, id) in of_lines.chain(of_choices).collect::<Vec<_>>() {
        db::query(sql)
            .bind(viewer.school_id.as_str())
            .bind(kept.as_str())
            .bind(&id)
            .execute(&mut *conn)
            .await?;
    }
    Ok(home.put_back(conn, viewer, merged.as_str()).await?)
}

/// A table in whose rows nothing is sealed, or those of its rows that move.
macro_rules! bare {
    ($table:literal $(, $only:literal)?) => {
        Moving {
            select: concat!(
                "select id, cast(0 as bigint), '' from ", $table,
                " where school_id = $1 and child_id = $2" $(, $only)?
            ),
            update: concat!(
                "update ", $table,
                " set child_id = $4 where school_id = $1 and id = $2 and $3 = 0 and $5 = ''"
            ),
            place: |_, _| String::new(),
        }
    };
}

pub const HISTORIES: [Moving; 5] = [
    Moving {
        select: "select id, cast(0 as bigint), coalesce(place_sealed, '') from parent_absence
            where school_id = $1 and child_id = $2",
        update: "update parent_absence set child_id = $4, place_sealed = nullif($5, '')
            where school_id = $1 and id = $2 and $3 = 0",
        place: |id, _| place_of(id),
    },
    bare!("home_stay"),
    bare!("parent_state"),
    bare!("living"),
    bare!("screening"),
];

/// What happened to the child is true of the one child of two files; so all of it goes over.
pub const EVENTS: [Moving; 2] = [
    bare!("child_event"),
    // The mark of a referral goes with the record that asked.
    bare!("child_mark", " and mark <> 'referred'"),
];

/// Merges of before took all answers over with the events.
pub const ANSWERS: [Moving; 1] = [bare!("screening")];
