//! What was set aside, and what is still on phones.

use super::pages::Content;
use crate::db::{self, Conn};
use crate::ids::OperationId;
use crate::journal::{self, Actor, Entry, Kind};
use crate::web::{Result, words};
use jiff::civil::Date;

/// Where the content of an envelope is sealed again, with the school's key.
fn place(operation: &OperationId) -> String {
    format!("outbox/{operation}")
}

/// The number of the journal's entry that an operation of this person has.
pub async fn seq(
    conn: &mut Conn,
    actor: &Actor<'_>,
    operation: &OperationId,
) -> db::Result<Option<i64>> {
    db::query_scalar(
        "select seq from journal where school_id = $1 and actor_id = $2 and op_id = $3",
    )
    .bind(actor.school_id.as_str())
    .bind(actor.staff_id)
    .bind(operation.as_str())
    .fetch_optional(conn)
    .await
}

/// The journal's name for setting an operation aside: its own stays free for the record.
fn aside(operation: &OperationId, what: &str) -> Result<OperationId> {
    let named = OperationId::from_key(&format!("{what}:{operation}"));
    named.map_err(|_| crate::web::Failure::NotThere)
}

/// What waits for a decision is only changed by one.
async fn put(
    conn: &mut Conn,
    actor: &Actor<'_>,
    content: &Content,
    (state, reason, sealed): (&str, &str, &str),
) -> db::Result<()> {
    db::query(
        "insert into outbox_item
            (school_id, actor_id, op_id, device_id, device_seq, at, state, reason, sealed)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         on conflict (school_id, actor_id, op_id)
         do update set at = excluded.at, state = excluded.state, reason = excluded.reason,
            sealed = excluded.sealed
         where outbox_item.state <> 'aside' or excluded.state <> 'sent_back'",
    )
    .bind(actor.school_id.as_str())
    .bind(actor.staff_id)
    .bind(content.operation.as_str())
    .bind(&content.device)
    .bind(content.seq)
    .bind(actor.at)
    .bind(state)
    .bind(reason)
    .bind(sealed)
    .execute(conn)
    .await?;
    Ok(())
}

/// Went back to its writer to be mended, before anything was kept: its number is accounted for.
pub async fn sent_back(conn: &mut Conn, actor: &Actor<'_>, content: &Content) -> db::Result<()> {
    put(conn, actor, content, ("sent_back", "", "")).await
}

/// Sets an envelope's content aside, once; the number of the entry.
pub async fn set_aside(
    conn: &mut Conn,
    actor: &Actor<'_>,
    content: &Content,
    reason: &str,
) -> Result<i64> {
    let named = aside(&content.operation, "aside")?;
    if let Some(seq) = seq(conn, actor, &named).await? {
        return Ok(seq);
    }
    let sealed = actor.key.seal(&place(&content.operation), &content.text()?);
    put(conn, actor, content, ("aside", reason, &sealed)).await?;
    let entry = Entry {
        operation: &named,
        kind: Kind::RecordSetAside,
        subject_kind: "outbox",
        subject_id: content.operation.as_str(),
        payload: content.operation.as_str(),
        result: reason,
    };
    journal::record(conn, actor, &entry).await?;
    let seq = seq(conn, actor, &named).await?;
    seq.ok_or(crate::web::Failure::NotThere)
}

/// Something of this person that waits for a decision.
pub struct Aside {
    pub content: Content,
    pub reason: String,
}

/// What was set aside and has not come in since.
pub async fn asides(conn: &mut Conn, actor: &Actor<'_>) -> Result<Vec<Aside>> {
    let rows: Vec<(String, String, String)> = db::query_as(
        "select o.op_id, o.reason, o.sealed from outbox_item o
         where o.school_id = $1 and o.actor_id = $2 and o.state = 'aside'
            and not exists (select 1 from journal j where j.school_id = o.school_id
                and j.actor_id = o.actor_id and j.op_id = o.op_id)
         order by o.at",
    )
    .bind(actor.school_id.as_str())
    .bind(actor.staff_id)
    .fetch_all(conn)
    .await?;
    let read = |(operation, reason, sealed): (String, String, String)| {
        let text = actor
            .key
            .open(&place(&OperationId::from(operation)), &sealed)?;
        Ok(Aside {
            content: Content::read(text.as_bytes())?,
            reason,
        })
    };
    rows.into_iter().map(read).collect()
}

/// Its writer does not want it any more: the text goes, the entry stays.
pub async fn dropped(conn: &mut Conn, actor: &Actor<'_>, content: &Content) -> Result<()> {
    let named = aside(&content.operation, "dropped")?;
    put(conn, actor, content, ("dropped", "", "")).await?;
    let entry = Entry {
        operation: &named,
        kind: Kind::SetAsideDropped,
        subject_kind: "outbox",
        subject_id: content.operation.as_str(),
        payload: content.operation.as_str(),
        result: "",
    };
    journal::once(conn, actor, &entry).await?;
    Ok(())
}

db::row! {
    /// How a person's phones stand.
    pub struct Standing {
        pub name: String,
        /// Numbers below the highest that never came.
        pub missing: i64,
        pub aside: i64,
        pub last_at: String,
    }
}

impl Standing {
    /// 李老师：2条写了还没送到
    pub fn said(&self, today: Date) -> String {
        let mut parts = Vec::new();
        if self.missing > 0 {
            parts.push(format!("{}条写了还没送到", self.missing));
        }
        if self.aside > 0 {
            parts.push(format!(
                "{}条送到了没有收下，内容只有本人看得到",
                self.aside
            ));
        }
        let last = crate::clock::day_of(&self.last_at)
            .map(|day| format!("。最近一次送来是{}", words::past_day(day, today)));
        format!(
            "{}：{}{}。",
            words::teacher(&self.name),
            parts.join("，"),
            last.unwrap_or_default()
        )
    }
}

/// Whose phones hold something back, or sent something that could not be taken; `only` one person.
pub async fn standings(
    conn: &mut Conn,
    school_id: &str,
    only: Option<&str>,
) -> db::Result<Vec<Standing>> {
    db::query_as(
        "with came as (
            select actor_id, device_id, device_seq, at from journal
            where school_id = $1 and device_id is not null
            union
            select actor_id, device_id, device_seq, at from outbox_item where school_id = $1
         ), phone as (
            select actor_id, max(device_seq) - count(distinct device_seq) as missing,
                max(at) as last_at
            from came group by actor_id, device_id
         ), aside as (
            select o.actor_id, count(*) as many from outbox_item o
            where o.school_id = $1 and o.state = 'aside' and not exists (
                select 1 from journal j where j.school_id = o.school_id
                    and j.actor_id = o.actor_id and j.op_id = o.op_id)
            group by o.actor_id
         )
         select s.name, cast(sum(p.missing) as bigint) as missing,
            cast(coalesce(max(a.many), 0) as bigint) as aside, max(p.last_at) as last_at
         from phone p join staff s on s.school_id = $1 and s.id = p.actor_id
         left join aside a on a.actor_id = p.actor_id
         where $2 = '' or p.actor_id = $2
         group by s.id, s.name having sum(p.missing) > 0 or max(a.many) > 0
         order by last_at desc",
    )
    .bind(school_id)
    .bind(only.unwrap_or_default())
    .fetch_all(conn)
    .await
}
