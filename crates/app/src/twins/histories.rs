//! Where the grown-ups of two files were and whom the child lived with: dated rows, chosen as whole
//! histories, because days of two different hands do not fit into each other.

use super::store::Moving;
use crate::children::store as children;
use crate::children::store::Child;
use crate::db::{self, Conn};
use crate::home::answers::{self, About, Answers, Asked, answers};
use crate::home::lines::{Line, every_line, open_place, place_of};
use crate::home::pages::history_line;
use crate::home::rows::HomeRows;
use crate::ids::{ChildId, OperationId};
use crate::vault::Key;
use crate::web::{Fields, Result, Viewer};
use jiff::civil::Date;
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
    pub prefers_other: bool,
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
    let mine = Side::of(conn, viewer, one).await?;
    let theirs = Side::of(conn, viewer, other).await?;
    let keys = (
        children::key(conn, viewer, one).await?,
        children::key(conn, viewer, other).await?,
    );
    let mut all = Vec::with_capacity(TOPICS.len());
    for (topic, id, title) in TOPICS {
        let told = Told {
            id,
            title,
            one: mine.said(topic, (&keys.0, viewer.today()))?,
            other: theirs.said(topic, (&keys.1, viewer.today()))?,
            prefers_other: mine.gives_way(&theirs, topic),
        };
        if told.one != told.other {
            all.push(told);
        }
    }
    Ok(all)
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
        let is_theirs = match fields.get(id) {
            "one" => false,
            "other" => true,
            _ => mine.gives_way(&theirs, topic),
        };
        if is_theirs {
            moves.into.extend(theirs.ids(topic));
            moves.out.extend(mine.ids(topic));
        }
        let chosen = if is_theirs { &theirs } else { &mine };
        if chosen.answers(topic) && matches!(fields.get(id), "one" | "other") {
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
    known: Answers,
    answers: Vec<(String, Topic)>,
    of_both: Vec<String>,
}

impl Side {
    async fn of(conn: &mut Conn, viewer: &Viewer, child: &Child) -> Result<Self> {
        let lines = every_line(conn, viewer, child).await?;
        let known = answers(conn, &viewer.school_id, child.id.as_str()).await?;
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
            known,
            answers: own
                .into_iter()
                .filter_map(|(id, topic)| Some((id, topic?)))
                .collect(),
            of_both: both.into_iter().map(|(id, _)| id).collect(),
        })
    }

    fn lines(&self, wanted: Topic) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(move |line| topic(line) == wanted)
    }

    /// Whether it says how this is now. A visit does not, nor does what has ended.
    fn answers(&self, topic: Topic) -> bool {
        self.known.is_answered(topic.about(), &self.lines)
    }

    /// Whether it says less of this than the other, which is proposed then.
    fn gives_way(&self, other: &Self, topic: Topic) -> bool {
        let says_nothing = || self.ids(topic).is_empty();
        !self.answers(topic) && (other.answers(topic) || says_nothing())
    }

    fn said(&self, topic: Topic, (key, today): (&Key, Date)) -> Result<String> {
        let mut said = Vec::new();
        for line in self.lines(topic).filter(|line| !line.never_held()) {
            said.push(history_line(line, &open_place(line, key)?, today));
        }
        if said.is_empty() && topic.parent().is_some() && self.answers(topic) {
            said.push("问过，在家".to_owned());
        }
        Ok(said.join("；"))
    }

    /// Its lines, and the answers that wrote them.
    fn ids(&self, wanted: Topic) -> Vec<String> {
        let lines = self.lines(wanted);
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
