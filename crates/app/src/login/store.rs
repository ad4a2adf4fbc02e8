//! Login sessions and the roles that hold today.

use super::throttle;
use crate::App;
use crate::clock::{Now, seconds_between};
use crate::db::{self, Conn};
use crate::ids::{SchoolId, StaffId};
use crate::school::store as school;
use crate::vault;
use crate::web::error::{Failure, Result};
use crate::web::viewer::{Grant, Look, Scope, Viewer};
use axum::http::{HeaderMap, header};
use rules::access::Role;
use std::sync::Arc;

/// 公用电脑: a quarter of an hour without a touch; an own phone: half a day.
const SHARED_IDLE: i64 = 15 * 60;
const OWN_IDLE: i64 = 12 * 3600;
/// From signing in, whatever was done since.
const SHARED_LIFE: i64 = 12 * 3600;
const OWN_LIFE: i64 = 7 * 24 * 3600;
/// Being there is written down once a minute at the most.
const TOUCH_EVERY: i64 = 60;
/// The oldest goes when a fourth device signs in.
const SESSIONS: i64 = 3;

pub const COOKIE: &str = "nuanchao";

/// 投屏 is switched on for this browser until it is switched off or closed.
pub const PROJECTION: &str = "nuanchao-projection";

/// 浅色、深色, single-letter keys: of this browser.
pub const LOOK: &str = "nuanchao-look";

pub fn cookie_name(https: bool) -> &'static str {
    if https { "__Host-nuanchao" } else { COOKIE }
}

/// Tells a device that has signed in before from a stranger's; it opens nothing.
pub fn device_cookie_name(https: bool) -> &'static str {
    if https {
        "__Host-nuanchao-device"
    } else {
        "nuanchao-device"
    }
}

db::row! {
    struct Row {
        school_id: String,
        staff_id: String,
        session_epoch: i64,
        created_at: String,
        seen_at: String,
        shared: i64,
        name: String,
        auth_epoch: i64,
        disabled_at: Option<String>,
        school_name: String,
        seq: i64,
        role: Option<String>,
        scope_kind: Option<String>,
        scope_id: Option<String>,
    }
}

pub fn cookie(headers: &HeaderMap, wanted: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == wanted)
        .map(|(_, value)| value.to_owned())
}

/// The person behind a request. What was found is trusted for a second, and forgotten at once when
/// this program changes it: a closed account is closed now.
pub async fn viewer(app: &App, headers: &HeaderMap) -> Result<Arc<Viewer>> {
    let token = cookie(headers, cookie_name(app.https)).ok_or(Failure::SignIn)?;
    let token_hash = vault::fingerprint(token.as_bytes());
    let now = app.clock.now();
    let look = cookie(headers, LOOK).map_or_else(Look::default, |text| Look::parse(&text));
    let is_projecting = cookie(headers, PROJECTION).is_some_and(|value| value == "1");
    if let Some(known) = app.memory.session(&token_hash, now.today) {
        return Ok(Arc::new(Viewer {
            now,
            is_projecting,
            look,
            ..Viewer::clone(&known)
        }));
    }
    let mut conn = app.db.read().await?;
    let rows: Vec<Row> = {
        db::query_as(
            "select s.school_id, s.staff_id, s.auth_epoch as session_epoch, s.created_at, s.seen_at,
                s.shared, t.name, t.auth_epoch, t.disabled_at, o.name as school_name,
                h.seq, g.role, g.scope_kind, g.scope_id
             from login_session s
             join staff t on t.school_id = s.school_id and t.id = s.staff_id
             join org o on o.id = s.school_id
             join journal_head h on h.school_id = s.school_id
             left join role_grant g on g.school_id = s.school_id and g.staff_id = s.staff_id
                and g.from_on <= $2 and (g.to_on is null or g.to_on >= $2)
             where s.token_hash = $1",
        )
        .bind(&token_hash)
        .bind(now.today.to_string())
        .fetch_all(&mut conn)
        .await?
    };
    let first = rows.first().ok_or(Failure::SignIn)?;
    if !holds(first, &now) {
        return Err(Failure::SignIn);
    }
    let school_id = SchoolId::from(first.school_id.clone());
    app.memory
        .catch_up(&mut conn, &school_id, first.seq)
        .await?;
    drop(conn);
    touch(app, &token_hash, first, &now).await?;
    let viewer = Arc::new(Viewer {
        school_key: app.vault.school_key(school_id.as_str()),
        school_id,
        school_name: first.school_name.clone(),
        staff_id: StaffId::from(first.staff_id.clone()),
        name: first.name.clone(),
        grants: rows.iter().filter_map(grant).collect(),
        now,
        token_hash,
        on_shared_computer: first.shared == 1,
        is_projecting,
        look,
        device: None,
    });
    app.memory.keep_session(&viewer.token_hash, &viewer);
    Ok(viewer)
}

fn holds(row: &Row, now: &Now) -> bool {
    let (idle, life) = if row.shared == 1 {
        (SHARED_IDLE, SHARED_LIFE)
    } else {
        (OWN_IDLE, OWN_LIFE)
    };
    // A clock that jumped back must not revive anything: a negative age is as bad as a great one.
    let young = |since: &str, most: i64| {
        seconds_between(since, &now.at).is_some_and(|age| (-60..=most).contains(&age))
    };
    row.session_epoch == row.auth_epoch
        && row.disabled_at.is_none()
        && young(&row.created_at, life)
        && young(&row.seen_at, idle)
}

async fn touch(app: &App, token_hash: &str, row: &Row, now: &Now) -> Result<()> {
    if seconds_between(&row.seen_at, &now.at).is_some_and(|age| age < TOUCH_EVERY) {
        return Ok(());
    }
    let mut tx = app.db.write(&SchoolId::from(row.school_id.clone())).await?;
    db::query("update login_session set seen_at = $2 where token_hash = $1")
        .bind(token_hash)
        .bind(&now.at)
        .execute(&mut tx)
        .await?;
    tx.commit().await?;
    Ok(())
}

fn grant(row: &Row) -> Option<Grant> {
    let role = Role::from_code(row.role.as_deref()?)?;
    let scope = match row.scope_kind.as_deref()? {
        "class" => Scope::Class(row.scope_id.clone()?),
        "school" => Scope::School,
        "county" => Scope::County,
        "own" => Scope::Paired,
        _ => return None,
    };
    Some(Grant { role, scope })
}

db::row! {
    /// An account by the name that was typed.
    pub struct Account {
        pub school_id: String,
        pub id: String,
        pub name: String,
        pub password_hash: Option<String>,
        pub auth_epoch: i64,
        pub disabled_at: Option<String>,
    }
}

pub async fn account(conn: &mut Conn, username: &str) -> db::Result<Option<Account>> {
    db::query_as(
        "select school_id, id, name, password_hash, auth_epoch, disabled_at
         from staff where username = $1",
    )
    .bind(username)
    .fetch_optional(conn)
    .await
}

/// Opens a login session and returns its cookie value; older devices beyond the third are out.
pub async fn open(
    conn: &mut Conn,
    account: &Account,
    shared: bool,
    at: &str,
) -> db::Result<String> {
    let token = vault::random_text::<32>();
    let own = vault::fingerprint(token.as_bytes());
    db::query(
        "insert into login_session (token_hash, school_id, staff_id, auth_epoch, created_at,
            seen_at, shared)
         values ($1, $2, $3, $4, $5, $5, $6)",
    )
    .bind(&own)
    .bind(&account.school_id)
    .bind(&account.id)
    .bind(account.auth_epoch)
    .bind(at)
    .bind(i64::from(shared))
    .execute(&mut *conn)
    .await?;
    // A clock that went back makes the newest look the oldest: it stays all the same.
    db::query(
        "delete from login_session where school_id = $1 and staff_id = $2 and token_hash <> $4
            and token_hash not in (
            select token_hash from login_session where school_id = $1 and staff_id = $2
            order by created_at desc, token_hash limit $3)",
    )
    .bind(&account.school_id)
    .bind(&account.id)
    .bind(SESSIONS)
    .bind(&own)
    .execute(conn)
    .await?;
    Ok(token)
}

pub async fn close(conn: &mut Conn, token_hash: &str) -> db::Result<()> {
    db::query("delete from login_session where token_hash = $1")
        .bind(token_hash)
        .execute(conn)
        .await?;
    Ok(())
}

/// Counts a try as a failure before the password is looked at, so that a burst of tries is counted
/// too; says how many seconds the name must rest instead, 0 when it may be tried.
pub async fn try_once(conn: &mut Conn, name_hash: &str, at: &str) -> db::Result<i64> {
    // The row is made, or touched, first: of a burst, each waits until the one before it is counted.
    db::query(
        "insert into login_failure (name_hash, failed, first_at, last_at) values ($1, 0, $2, $2)
         on conflict (name_hash) do update set failed = login_failure.failed",
    )
    .bind(name_hash)
    .bind(at)
    .execute(&mut *conn)
    .await?;
    let found: Option<(i64, String, String)> =
        db::query_as("select failed, first_at, last_at from login_failure where name_hash = $1")
            .bind(name_hash)
            .fetch_optional(&mut *conn)
            .await?;
    let age = |since: &str| seconds_between(since, at).unwrap_or(throttle::DAY);
    let found = found.filter(|(_, first_at, _)| age(first_at) < throttle::DAY);
    let (failed, first_at) = match &found {
        None => (0, at),
        Some((failed, first_at, last_at)) => {
            let rest = throttle::wait(*failed, age(first_at), age(last_at));
            if rest > 0 {
                return Ok(rest);
            }
            (*failed, first_at.as_str())
        }
    };
    db::query(
        "update login_failure set failed = $2, first_at = $3, last_at = $4 where name_hash = $1",
    )
    .bind(name_hash)
    .bind(failed + 1)
    .bind(first_at)
    .bind(at)
    .execute(conn)
    .await?;
    Ok(0)
}

/// The name got in; what is older than a day is forgotten with it.
pub async fn succeeded(conn: &mut Conn, name_hash: &str, day_ago: &str) -> db::Result<()> {
    db::query("delete from login_failure where name_hash = $1 or first_at < $2")
        .bind(name_hash)
        .bind(day_ago)
        .execute(conn)
        .await?;
    Ok(())
}

/// Whether somebody has signed in to this account from this device before.
pub async fn knows_device(
    conn: &mut Conn,
    account: &Account,
    device_hash: &str,
) -> db::Result<bool> {
    let known: Option<i64> = db::query_scalar(
        "select cast(1 as bigint) from known_device
         where school_id = $1 and staff_id = $2 and device_hash = $3",
    )
    .bind(&account.school_id)
    .bind(&account.id)
    .bind(device_hash)
    .fetch_optional(conn)
    .await?;
    Ok(known.is_some())
}

pub async fn remember_device(
    conn: &mut Conn,
    account: &Account,
    (device_hash, at): (&str, &str),
) -> db::Result<()> {
    db::query(
        "insert into known_device (school_id, staff_id, device_hash, seen_at)
         values ($1, $2, $3, $4)
         on conflict (school_id, staff_id, device_hash) do update set seen_at = excluded.seen_at",
    )
    .bind(&account.school_id)
    .bind(&account.id)
    .bind(device_hash)
    .bind(at)
    .execute(conn)
    .await?;
    Ok(())
}

/// The number that the viewer wants on the cards.
pub async fn own_phone(conn: &mut Conn, viewer: &Viewer) -> Result<Option<String>> {
    let sealed: Option<String> =
        db::query_scalar("select phone_sealed from staff where school_id = $1 and id = $2")
            .bind(viewer.school_id.as_str())
            .bind(viewer.staff_id.as_str())
            .fetch_one(conn)
            .await?;
    let staff_id = viewer.staff_id.as_str();
    Ok(school::open_phone(
        &viewer.school_key,
        staff_id,
        sealed.as_deref(),
    )?)
}

pub async fn set_own_phone(
    conn: &mut Conn,
    viewer: &Viewer,
    phone: Option<&str>,
) -> db::Result<()> {
    let own = (viewer.staff_id.as_str(), &viewer.school_key);
    school::set_phone(conn, &viewer.school_id, own, phone).await
}

pub async fn set_password(
    conn: &mut Conn,
    school_id: &SchoolId,
    staff_id: &str,
    hash: &str,
) -> db::Result<()> {
    db::query(
        "update staff set password_hash = $3, auth_epoch = auth_epoch + 1
         where school_id = $1 and id = $2",
    )
    .bind(school_id.as_str())
    .bind(staff_id)
    .bind(hash)
    .execute(conn)
    .await?;
    Ok(())
}
