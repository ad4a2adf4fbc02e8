//! About what somebody has asked, a person or a list, and whose answer stands.
//!
//! Every answer is about one thing: where the father is, where the mother is, or with whom the child
//! lives (decision 0048). What a person has answered no list changes.

use super::lines::Line;
use crate::children::store::Child;
use crate::db::{self, Conn};
use crate::ids::{OperationId, SchoolId};
use crate::web::{Result, Viewer};
use rules::coded;
use rules::history::Parent;

coded! {
    /// What an answer is about.
    About { Father = "father", Mother = "mother", Living = "living" }
}

impl From<Parent> for About {
    fn from(parent: Parent) -> Self {
        match parent {
            Parent::Father => Self::Father,
            Parent::Mother => Self::Mother,
        }
    }
}

struct Answer {
    id: String,
    /// Nothing: both parents, as answers once were.
    about: Option<About>,
    by_list: bool,
    line: Option<String>,
}

/// Everything that was answered about one child.
pub struct Answers {
    told: Vec<Answer>,
    /// Of whom a list said what has to be asked, that is no answer; whether it is that they are away.
    doubted: Vec<(About, bool)>,
}

impl Answers {
    fn of(&self, about: About) -> impl Iterator<Item = &Answer> {
        let is_of_both = about != About::Living;
        let all = self.told.iter();
        all.filter(move |one| one.about == Some(about) || one.about.is_none() && is_of_both)
    }

    /// Whether somebody said it with their own hand.
    pub fn by_hand(&self, about: impl Into<About>) -> bool {
        self.of(about.into()).any(|one| !one.by_list)
    }

    /// Whether a list said it, and nobody since that it is otherwise.
    pub fn by_list(&self, about: impl Into<About>) -> bool {
        self.of(about.into()).any(|one| one.by_list)
    }

    /// Whether a list said of this parent what has to be asked.
    pub fn is_doubted(&self, parent: Parent) -> bool {
        self.doubted.iter().any(|(one, _)| *one == parent.into())
    }

    /// Whether it said no more than that this parent is away.
    pub fn is_doubted_away(&self, parent: Parent) -> bool {
        self.doubted.contains(&(parent.into(), true))
    }

    /// The answers that wrote or mended this line.
    fn with(&self, line: &Line) -> impl Iterator<Item = &Answer> {
        let all = self.told.iter();
        all.filter(move |one| one.line.as_ref() == Some(&line.id))
    }

    /// Whether anybody has asked about this, or a line says how it is now: what has ended does not.
    pub fn is_answered(&self, about: impl Into<About>, lines: &[Line]) -> bool {
        let about = about.into();
        let mut lasting = lines.iter().filter(|line| line.to_on.is_none());
        self.of(about).next().is_some() || lasting.any(|line| line.is_about(about))
    }
}

/// id, source, parent, line
type Row = (String, String, Option<String>, Option<String>);

const BY_LIST: &str = "roster";

/// The sources of rows that are no answers: a list says of this parent what has to be asked. The second:
/// it is that the parent is away, which a clear word of a later list may say too.
pub const DOUBT: &str = "doubt";
pub const DOUBT_AWAY: &str = "doubt_away";

/// What somebody has asked about this child.
pub async fn answers(conn: &mut Conn, school: &SchoolId, child_id: &str) -> Result<Answers> {
    let rows: Vec<Row> = db::query_as(
        "select id, source, parent, line from screening where school_id = $1 and child_id = $2",
    )
    .bind(school.as_str())
    .bind(child_id)
    .fetch_all(conn)
    .await?;
    let about = |about: &Option<String>| about.as_deref().and_then(About::from_code);
    let (doubts, told): (Vec<Row>, Vec<Row>) = rows
        .into_iter()
        .partition(|(_, source, ..)| source == DOUBT || source == DOUBT_AWAY);
    let answer = |(id, source, whom, line): Row| Answer {
        id,
        about: about(&whom),
        by_list: source == BY_LIST,
        line,
    };
    Ok(Answers {
        told: told.into_iter().map(answer).collect(),
        doubted: doubts
            .iter()
            .filter_map(|(_, source, whom, _)| Some((about(whom)?, source == DOUBT_AWAY)))
            .collect(),
    })
}

/// Somebody has asked.
pub struct Asked<'a> {
    /// Its own id; what it ended knows it by that.
    pub id: &'a str,
    pub about: About,
    /// What was written down with it.
    pub line: Option<&'a str>,
}

pub async fn put(
    conn: &mut Conn,
    viewer: &Viewer,
    child_id: &str,
    asked: &Asked<'_>,
) -> db::Result<()> {
    db::query(
        "insert into screening (school_id, id, child_id, screened_on, source, by_staff, parent,
            line)
         values ($1, $2, $3, $4, 'asked', $5, $6, $7)",
    )
    .bind(viewer.school_id.as_str())
    .bind(asked.id)
    .bind(child_id)
    .bind(viewer.today().to_string())
    .bind(viewer.staff_id.as_str())
    .bind(asked.about.code())
    .bind(asked.line)
    .execute(conn)
    .await?;
    Ok(())
}

/// An answer by hand that wrote no line.
pub async fn answered(
    conn: &mut Conn,
    viewer: &Viewer,
    child_id: &str,
    about: About,
) -> db::Result<()> {
    let id = OperationId::new();
    let asked = Asked {
        id: id.as_str(),
        about,
        line: None,
    };
    put(conn, viewer, child_id, &asked).await
}

/// Both parents are at home.
pub async fn at_home(conn: &mut Conn, viewer: &Viewer, child: &Child) -> Result<()> {
    for parent in Parent::ALL {
        answered(conn, viewer, child.id.as_str(), (*parent).into()).await?;
    }
    Ok(())
}

/// With a line that somebody told by mistake go the answers that wrote and mended it: their ids. A line of
/// a list that somebody takes out while it lasts is an answer of its own: the list is wrong, and says so
/// in vain the next time. With one that has ended goes what the list said.
pub async fn line_dropped(
    conn: &mut Conn,
    viewer: &Viewer,
    child: &Child,
    (line, about): (&Line, About),
) -> Result<Vec<String>> {
    let told = answers(conn, &viewer.school_id, child.id.as_str()).await?;
    let gone: Vec<String> = told.with(line).map(|one| one.id.clone()).collect();
    db::query("delete from screening where school_id = $1 and child_id = $2 and line = $3")
        .bind(viewer.school_id.as_str())
        .bind(child.id.as_str())
        .bind(&line.id)
        .execute(&mut *conn)
        .await?;
    let is_of_a_list = line.is_of_a_list() || told.with(line).any(|one| one.by_list);
    if is_of_a_list && line.to_on.is_none() {
        answered(conn, viewer, child.id.as_str(), about).await?;
    }
    Ok(gone)
}

/// What lists have answered about this is no answer any more, nor is it in doubt by them.
pub async fn list_unsaid(
    conn: &mut Conn,
    viewer: &Viewer,
    child_id: &str,
    about: About,
) -> Result<()> {
    let other = match about {
        About::Father => Some(About::Mother),
        About::Mother => Some(About::Father),
        About::Living => None,
    };
    // An answer of before was about both: of the other parent it stays.
    let both = other.map(|other| {
        (
            "update screening set parent = $3
             where school_id = $1 and child_id = $2 and source = 'roster' and parent is null",
            other,
        )
    });
    let own = (
        "delete from screening
         where school_id = $1 and child_id = $2 and parent = $3
            and source in ('roster', 'doubt', 'doubt_away')",
        about,
    );
    for (sql, whose) in both.into_iter().chain([own]) {
        db::query(sql)
            .bind(viewer.school_id.as_str())
            .bind(child_id)
            .bind(whose.code())
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}
