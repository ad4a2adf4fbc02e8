//! Absences, visits home, states of parents, who looks after the child: dated, never overwritten.

use super::answers::{self, About, Asked, line_dropped};
use super::forms::{LivingTold, ParentTold, StayTold, Whereabouts};
use super::lines::{Line, every_line, place_of};
use crate::children::store::Child;
use crate::db::{self, Conn};
use crate::ids::OperationId;
use crate::vault::Key;
use crate::web::{Result, Viewer};
use jiff::civil::Date;
use rules::calendar::plus_days;
use rules::history::Parent;
use rules::presence::moves_on;

/// Writes down where a parent is. What was known before ends, or gets its day; nothing is lost.
pub async fn put_parent(
    conn: &mut Conn,
    viewer: &Viewer,
    child: &Child,
    (key, told): (&Key, &ParentTold),
) -> Result<()> {
    let id = OperationId::new();
    let first = told.since.unwrap_or(viewer.today());
    let ends = Ends {
        child,
        parent: told.parent.code(),
        by: id.as_str(),
    };
    // A state holds on its last day, too; one that was told otherwise of its own day never held.
    let before = plus_days(first, -1);
    ends.put(conn, viewer, (STATES_END, before)).await?;
    let line = match told.now {
        Whereabouts::Away => {
            // Who has gone away since a visit began is not on it any more.
            ends.visits_before(conn, viewer, first).await?;
            Some(put_absence(conn, viewer, (&ends, key), told).await?)
        }
        Whereabouts::Home
        | Whereabouts::Incapable
        | Whereabouts::Dead
        | Whereabouts::Missing
        | Whereabouts::Imprisoned => {
            ends.put(conn, viewer, (ABSENCES_END, first)).await?;
            // Who is home for good is not on a visit any more.
            ends.put(conn, viewer, (VISITS_END, first)).await?;
            put_state(conn, viewer, child, told).await?
        }
    };
    let asked = Asked {
        id: id.as_str(),
        about: told.parent.into(),
        line: line.as_deref(),
    };
    Ok(answers::put(conn, viewer, child.id.as_str(), &asked).await?)
}

/// What an answer about one parent ends.
struct Ends<'a> {
    child: &'a Child,
    parent: &'a str,
    /// The answer.
    by: &'a str,
}

const STATES_END: &str = "update parent_state set to_on = $4, ended_by = $5
     where school_id = $1 and child_id = $2 and parent = $3 and to_on is null";
const ABSENCES_END: &str = "update parent_absence set to_on = $4, ended_by = $5
     where school_id = $1 and child_id = $2 and parent = $3 and to_on is null";
const VISITS_END: &str = "update home_stay set ended_by = $5,
        to_on = case when from_on > $4 then from_on else $4 end
     where school_id = $1 and child_id = $2 and parent = $3 and to_on is null";

impl Ends<'_> {
    async fn put(
        &self,
        conn: &mut Conn,
        viewer: &Viewer,
        (sql, day): (&'static str, Date),
    ) -> Result<()> {
        db::query(sql)
            .bind(viewer.school_id.as_str())
            .bind(self.child.id.as_str())
            .bind(self.parent)
            .bind(day.to_string())
            .bind(self.by)
            .execute(conn)
            .await?;
        Ok(())
    }

    /// Both days of a visit are days at home: it ended the day before, or on the day on which it began.
    async fn visits_before(&self, conn: &mut Conn, viewer: &Viewer, day: Date) -> Result<()> {
        db::query(
            "update home_stay set ended_by = $6,
                to_on = case when from_on > $5 then from_on else $5 end
             where school_id = $1 and child_id = $2 and parent = $3 and to_on is null
                and from_on <= $4",
        )
        .bind(viewer.school_id.as_str())
        .bind(self.child.id.as_str())
        .bind(self.parent)
        .bind(day.to_string())
        .bind(plus_days(day, -1).to_string())
        .bind(self.by)
        .execute(conn)
        .await?;
        Ok(())
    }
}

/// Why a parent cannot be there, where it is not simply at home.
async fn put_state(
    conn: &mut Conn,
    viewer: &Viewer,
    child: &Child,
    told: &ParentTold,
) -> Result<Option<String>> {
    if matches!(told.now, Whereabouts::Home | Whereabouts::Away) {
        return Ok(None);
    }
    let id = String::from(OperationId::new());
    db::query(
        "insert into parent_state (school_id, id, child_id, parent, state, from_on, to_on)
         values ($1, $2, $3, $4, $5, $6, null)",
    )
    .bind(viewer.school_id.as_str())
    .bind(&id)
    .bind(child.id.as_str())
    .bind(told.parent.code())
    .bind(told.now.code())
    .bind(told.since.map(|day| day.to_string()))
    .execute(conn)
    .await?;
    Ok(Some(id))
}

/// Where a parent works now is told in one place: the open absence has what the card says.
pub async fn set_place(
    conn: &mut Conn,
    viewer: &Viewer,
    (child_id, key): (&str, &Key),
    (parent, place): (&str, &str),
) -> Result<()> {
    let open: Vec<String> = db::query_scalar(
        "select id from parent_absence
         where school_id = $1 and child_id = $2 and parent = $3 and to_on is null
            and place_sealed is not null",
    )
    .bind(viewer.school_id.as_str())
    .bind(child_id)
    .bind(parent)
    .fetch_all(&mut *conn)
    .await?;
    for id in open {
        db::query("update parent_absence set place_sealed = $3 where school_id = $1 and id = $2")
            .bind(viewer.school_id.as_str())
            .bind(&id)
            .bind(key.seal(&place_of(&id), place))
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

/// Where a parent is who is away, if anybody said it.
pub async fn open_place_of(
    conn: &mut Conn,
    viewer: &Viewer,
    (child_id, key): (&str, &Key),
    parent: &str,
) -> Result<Option<String>> {
    let open: Option<(String, String)> = db::query_as(
        "select id, place_sealed from parent_absence
         where school_id = $1 and child_id = $2 and parent = $3 and to_on is null
            and place_sealed is not null
         order by id desc limit 1",
    )
    .bind(viewer.school_id.as_str())
    .bind(child_id)
    .bind(parent)
    .fetch_optional(conn)
    .await?;
    open.map(|(id, sealed)| key.open(&place_of(&id), &sealed))
        .transpose()
        .map_err(Into::into)
}

/// The open absence of that parent gets what was told; without one, or where the parent has moved on,
/// a new one begins.
async fn put_absence(
    conn: &mut Conn,
    viewer: &Viewer,
    (ends, key): (&Ends<'_>, &Key),
    told: &ParentTold,
) -> Result<String> {
    let child = ends.child;
    let open: Option<(String, Option<String>)> = db::query_as(
        "select id, coalesce(from_on, left_by) from parent_absence
         where school_id = $1 and child_id = $2 and parent = $3 and to_on is null
         order by id desc limit 1",
    )
    .bind(viewer.school_id.as_str())
    .bind(child.id.as_str())
    .bind(told.parent.code())
    .fetch_optional(&mut *conn)
    .await?;
    let id = match open {
        Some((id, from)) if !moves_on(db::opt_date(from.clone()), told.since) => id,
        Some((id, _)) => {
            let since = told.since.map(|day| day.to_string());
            db::query(
                "update parent_absence set to_on = $3, ended_by = $4
                 where school_id = $1 and id = $2",
            )
            .bind(viewer.school_id.as_str())
            .bind(&id)
            .bind(since)
            .bind(ends.by)
            .execute(&mut *conn)
            .await?;
            open_absence(conn, viewer, child, told).await?
        }
        None => open_absence(conn, viewer, child, told).await?,
    };
    let sealed = told
        .place
        .as_ref()
        .map(|place| key.seal(&place_of(&id), place));
    db::query(
        "update parent_absence set from_on = coalesce($4, from_on), reach = coalesce($5, reach),
            reason = $6, place_sealed = coalesce($7, place_sealed),
            source = 'asked'
         where school_id = $1 and child_id = $2 and id = $3",
    )
    .bind(viewer.school_id.as_str())
    .bind(child.id.as_str())
    .bind(&id)
    .bind(told.since.map(|day| day.to_string()))
    .bind(&told.reach)
    .bind(&told.reason)
    .bind(sealed)
    .execute(conn)
    .await?;
    Ok(id)
}

async fn open_absence(
    conn: &mut Conn,
    viewer: &Viewer,
    child: &Child,
    told: &ParentTold,
) -> Result<String> {
    let id = String::from(OperationId::new());
    db::query(
        "insert into parent_absence (school_id, id, child_id, parent, from_on, left_by, to_on,
            reach, reason, source)
         values ($1, $2, $3, $4, null, $5, null, null, 'work', 'asked')",
    )
    .bind(viewer.school_id.as_str())
    .bind(&id)
    .bind(child.id.as_str())
    .bind(told.parent.code())
    .bind(viewer.today().to_string())
    .execute(conn)
    .await?;
    Ok(id)
}

/// A visit; one that lasts and began on the same day gets its end.
pub async fn put_stay(
    conn: &mut Conn,
    viewer: &Viewer,
    child: &Child,
    told: &StayTold,
) -> Result<()> {
    if let Some(to) = told.to {
        let ended = db::query(
            "update home_stay set to_on = $5 where school_id = $1 and child_id = $2 and parent = $3
                and from_on = $4 and to_on is null",
        )
        .bind(viewer.school_id.as_str())
        .bind(child.id.as_str())
        .bind(told.parent.code())
        .bind(told.from.to_string())
        .bind(to.to_string())
        .execute(&mut *conn)
        .await?;
        if ended > 0 {
            return Ok(());
        }
    }
    db::query(
        "insert into home_stay (school_id, id, child_id, parent, from_on, to_on)
         values ($1, $2, $3, $4, $5, $6)",
    )
    .bind(viewer.school_id.as_str())
    .bind(OperationId::new().as_str())
    .bind(child.id.as_str())
    .bind(told.parent.code())
    .bind(told.from.to_string())
    .bind(told.to.map(|day| day.to_string()))
    .execute(conn)
    .await?;
    Ok(())
}

/// With whom the child lives: the line that lasts ends, or gets its day.
pub async fn put_living(
    conn: &mut Conn,
    viewer: &Viewer,
    child: &Child,
    told: &LivingTold,
) -> Result<()> {
    let since = told.since.unwrap_or(viewer.today()).to_string();
    let answer = OperationId::new();
    let line = match told.began_earlier {
        true => began_earlier(conn, viewer, child, &since).await?,
        false => {
            db::query(
                "update living set to_on = $3, ended_by = $4
                 where school_id = $1 and child_id = $2 and to_on is null",
            )
            .bind(viewer.school_id.as_str())
            .bind(child.id.as_str())
            .bind(&since)
            .bind(answer.as_str())
            .execute(&mut *conn)
            .await?;
            Some(open_living(conn, viewer, child, (&told.kind, &since)).await?)
        }
    };
    let asked = Asked {
        id: answer.as_str(),
        about: About::Living,
        line: line.as_deref(),
    };
    Ok(answers::put(conn, viewer, child.id.as_str(), &asked).await?)
}

/// The line that lasts gets an earlier day.
async fn began_earlier(
    conn: &mut Conn,
    viewer: &Viewer,
    child: &Child,
    since: &str,
) -> Result<Option<String>> {
    Ok(db::query_scalar(
        "update living set from_on = $3
         where school_id = $1 and child_id = $2 and to_on is null returning id",
    )
    .bind(viewer.school_id.as_str())
    .bind(child.id.as_str())
    .bind(since)
    .fetch_optional(conn)
    .await?)
}

async fn open_living(
    conn: &mut Conn,
    viewer: &Viewer,
    child: &Child,
    (kind, since): (&str, &str),
) -> Result<String> {
    let id = String::from(OperationId::new());
    db::query(
        "insert into living (school_id, id, child_id, kind, kin_id, from_on, to_on)
         values ($1, $2, $3, $4, null, $5, null)",
    )
    .bind(viewer.school_id.as_str())
    .bind(&id)
    .bind(child.id.as_str())
    .bind(kind)
    .bind(since)
    .execute(conn)
    .await?;
    Ok(id)
}

/// Takes out a line that was written down by mistake, and lets what it had ended last again. That it
/// was taken out stands in the journal.
pub async fn drop_line(
    conn: &mut Conn,
    viewer: &Viewer,
    child: &Child,
    (what, id): (&str, &str),
) -> Result<Option<Line>> {
    let all = every_line(conn, viewer, child).await?;
    let Some(line) = all.into_iter().find(|one| one.what == what && one.id == id) else {
        return Ok(None);
    };
    let about = match what {
        "stay" => None,
        "living" => Some(About::Living),
        _ => Parent::from_code(&line.who).map(About::from),
    };
    let answers = match about {
        Some(about) => line_dropped(conn, viewer, child, (&line, about)).await?,
        None => Vec::new(),
    };
    let sql = match what {
        "absence" => {
            "delete from parent_absence where school_id = $1 and child_id = $2 and id = $3"
        }
        "stay" => "delete from home_stay where school_id = $1 and child_id = $2 and id = $3",
        "state" => "delete from parent_state where school_id = $1 and child_id = $2 and id = $3",
        _ => "delete from living where school_id = $1 and child_id = $2 and id = $3",
    };
    db::query(sql)
        .bind(viewer.school_id.as_str())
        .bind(child.id.as_str())
        .bind(id)
        .execute(&mut *conn)
        .await?;
    lasts_again(conn, viewer, child, (&line, &answers)).await?;
    Ok(Some(line))
}

/// What the mistake had ended lasts, or goes on until the mistake's own end.
async fn lasts_again(
    conn: &mut Conn,
    viewer: &Viewer,
    child: &Child,
    (dropped, answers): (&Line, &[String]),
) -> Result<()> {
    // A state and a visit hold on their last day, too.
    let last = |line: &Line| i32::from(matches!(line.what.as_str(), "state" | "stay"));
    let is_ended = |line: &Line| {
        let by = line.ended_by.as_ref();
        by.is_some_and(|by| answers.contains(by))
    };
    let all = every_line(conn, viewer, child).await?;
    for line in all.iter().filter(|line| is_ended(line)) {
        let sql = match line.what.as_str() {
            "absence" => {
                "update parent_absence set to_on = $3, ended_by = $4
                 where school_id = $1 and id = $2"
            }
            "state" => {
                "update parent_state set to_on = $3, ended_by = $4
                 where school_id = $1 and id = $2"
            }
            "stay" => {
                "update home_stay set to_on = $3, ended_by = $4 where school_id = $1 and id = $2"
            }
            _ => "update living set to_on = $3, ended_by = $4 where school_id = $1 and id = $2",
        };
        let until = db::opt_date(dropped.to_on.clone());
        let until = until.map(|to| plus_days(to, last(dropped) - last(line)).to_string());
        db::query(sql)
            .bind(viewer.school_id.as_str())
            .bind(&line.id)
            .bind(until)
            .bind(dropped.ended_by.as_deref())
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

/// The marks of a child that hold today.
pub async fn marks(conn: &mut Conn, viewer: &Viewer, child: &Child) -> Result<Vec<String>> {
    Ok(db::query_scalar(
        "select mark from child_mark
         where school_id = $1 and child_id = $2 and (to_on is null or to_on >= $3)",
    )
    .bind(viewer.school_id.as_str())
    .bind(child.id.as_str())
    .bind(viewer.today().to_string())
    .fetch_all(conn)
    .await?)
}

/// Sets what is wanted and lifts the rest of these marks; what held until yesterday stays written.
pub async fn put_marks(
    conn: &mut Conn,
    viewer: &Viewer,
    child: &Child,
    (all, wanted): (&[&str], &[&str]),
) -> Result<()> {
    let now = marks(conn, viewer, child).await?;
    let today = viewer.today();
    for mark in all {
        let holds = now.iter().any(|one| one == mark);
        if holds == wanted.contains(mark) {
            continue;
        }
        if holds {
            let sql = [
                "delete from child_mark
                 where school_id = $1 and child_id = $2 and mark = $3 and from_on >= $4",
                "update child_mark set to_on = $4
                 where school_id = $1 and child_id = $2 and mark = $3 and to_on is null",
            ];
            let days = [today, plus_days(today, -1)];
            for (sql, day) in sql.into_iter().zip(days) {
                db::query(sql)
                    .bind(viewer.school_id.as_str())
                    .bind(child.id.as_str())
                    .bind(*mark)
                    .bind(day.to_string())
                    .execute(&mut *conn)
                    .await?;
            }
        } else {
            db::query(
                "insert into child_mark (school_id, id, child_id, mark, from_on, to_on)
                 values ($1, $2, $3, $4, $5, null)",
            )
            .bind(viewer.school_id.as_str())
            .bind(OperationId::new().as_str())
            .bind(child.id.as_str())
            .bind(*mark)
            .bind(today.to_string())
            .execute(&mut *conn)
            .await?;
        }
    }
    Ok(())
}

/// A determination as it is kept: by which rule, of which version, as of which day, and why.
pub struct Determined<'a> {
    pub child_id: &'a str,
    pub policy: &'a rules::eligibility::PolicyId,
    pub result: &'static str,
    pub why: &'a str,
}

/// Keeps what was determined today. Determined again on the same day, the later one stands: the
/// facts were written down meanwhile.
pub async fn keep_determination(
    conn: &mut Conn,
    viewer: &Viewer,
    one: &Determined<'_>,
) -> Result<()> {
    db::query(
        "insert into determination (school_id, id, child_id, pack, rule, version, as_of, result,
            why, decided_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         on conflict (school_id, child_id, pack, rule, version, as_of)
         do update set result = excluded.result, why = excluded.why,
            decided_at = excluded.decided_at",
    )
    .bind(viewer.school_id.as_str())
    .bind(OperationId::new().as_str())
    .bind(one.child_id)
    .bind(&one.policy.pack)
    .bind(&one.policy.id)
    .bind(&one.policy.version)
    .bind(viewer.today().to_string())
    .bind(one.result)
    .bind(one.why)
    .bind(&viewer.now.at)
    .execute(conn)
    .await?;
    Ok(())
}

/// A determination that was kept.
pub struct Kept {
    pub policy: rules::eligibility::PolicyId,
    pub as_of: jiff::civil::Date,
    pub result: String,
    pub why: String,
}

/// pack, rule, version, as_of, result, why
type KeptRow = (String, String, String, String, String, String);

/// What was determined of a child, newest first.
pub async fn determinations(conn: &mut Conn, viewer: &Viewer, child: &Child) -> Result<Vec<Kept>> {
    let rows: Vec<KeptRow> = db::query_as(
        "select pack, rule, version, as_of, result, why from determination
         where school_id = $1 and child_id = $2 order by as_of desc, pack, rule, version",
    )
    .bind(viewer.school_id.as_str())
    .bind(child.id.as_str())
    .fetch_all(conn)
    .await?;
    let kept = |(pack, id, version, as_of, result, why): KeptRow| Kept {
        policy: rules::eligibility::PolicyId { pack, id, version },
        as_of: db::date(&as_of),
        result,
        why,
    };
    Ok(rows.into_iter().map(kept).collect())
}

/// The day of the school's last determination of everybody.
pub async fn last_determined(conn: &mut Conn, viewer: &Viewer) -> Result<Option<String>> {
    Ok(
        db::query_scalar("select max(as_of) from determination where school_id = $1")
            .bind(viewer.school_id.as_str())
            .fetch_one(conn)
            .await?,
    )
}
