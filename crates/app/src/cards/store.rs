//! Cards: versions, changes, absences.

use crate::children::store::{Child, Kin, KinDetails};
use crate::db::{self, Conn};
use crate::ids::{KinId, OperationId};
use crate::records::store::capacity;
use crate::records::summary::rebuild;
use crate::roster::commit::{next_card, seal_kin};
use crate::vault::Key;
use crate::web::{Result, Viewer};
use jiff::civil::Date;
use rules::copies::confirms;

/// A state of the card.
pub struct Version {
    pub version: i64,
    pub made_at: String,
    pub changed: String,
    pub by_name: String,
    pub confirmed_on: Option<Date>,
}

/// version, made_at, changed, name, confirmed_on
type VersionRow = (i64, String, String, String, Option<String>);

pub async fn versions(conn: &mut Conn, viewer: &Viewer, child: &Child) -> Result<Vec<Version>> {
    let rows: Vec<VersionRow> = db::query_as(
        "select v.version, v.made_at, v.changed, s.name, v.confirmed_on from card_version v
         join staff s on s.school_id = v.school_id and s.id = v.by_staff
         where v.school_id = $1 and v.child_id = $2 order by v.version desc",
    )
    .bind(viewer.school_id.as_str())
    .bind(child.id.as_str())
    .fetch_all(conn)
    .await?;
    Ok(rows
        .into_iter()
        .map(
            |(version, made_at, changed, by_name, confirmed_on)| Version {
                version,
                made_at,
                changed,
                by_name,
                confirmed_on: db::opt_date(confirmed_on),
            },
        )
        .collect())
}

/// A hand changed the card. The rest of it is as sure as it was: who asks about all of it confirms it.
pub async fn add_version(
    conn: &mut Conn,
    viewer: &Viewer,
    child: &Child,
    changed: &str,
) -> Result<()> {
    let by = capacity(viewer, child).code();
    settled(conn, viewer, child).await?;
    add(conn, viewer, child.id.as_str(), (changed, by)).await?;
    rebuild(conn, &viewer.school_id, child.id.as_str()).await
}

/// The card says something else by itself, and a print of before does not.
pub async fn add_unconfirmed(
    conn: &mut Conn,
    viewer: &Viewer,
    child_id: &str,
    changed: &str,
) -> Result<()> {
    add(conn, viewer, child_id, (changed, "")).await
}

async fn add(
    conn: &mut Conn,
    viewer: &Viewer,
    child_id: &str,
    (changed, by_role): (&str, &str),
) -> Result<()> {
    let version = next_card(conn, viewer, child_id).await?;
    db::query(
        "insert into card_version (school_id, child_id, version, made_at, changed, by_staff,
            confirmed_on, by_role)
         values ($1, $2, $3, $4, $5, $6, null, $7)",
    )
    .bind(viewer.school_id.as_str())
    .bind(child_id)
    .bind(version)
    .bind(&viewer.now.at)
    .bind(changed)
    .bind(viewer.staff_id.as_str())
    .bind(by_role)
    .execute(conn)
    .await?;
    Ok(())
}

/// Somebody asked, and everything on the card is right: also that a grown-up has no number.
pub async fn confirm(conn: &mut Conn, viewer: &Viewer, child: &Child) -> Result<()> {
    db::query(
        "update kin set phone_checked_on = $3,
            phone_state = case phone_state when 'dead' then 'good' when 'held' then 'none'
                else phone_state end
         where school_id = $1 and child_id = $2 and to_on is null",
    )
    .bind(viewer.school_id.as_str())
    .bind(child.id.as_str())
    .bind(viewer.today().to_string())
    .execute(&mut *conn)
    .await?;
    let mut last = versions(conn, viewer, child).await?;
    if last.is_empty() {
        add_version(conn, viewer, child, "confirmed").await?;
        last = versions(conn, viewer, child).await?;
    }
    let last = last.first().map_or(1, |one| one.version);
    set_confirmed(conn, viewer, child, (last, viewer.today())).await
}

/// The family went through the card on that day and had nothing to change. A number that failed is
/// not mended by this word.
pub async fn confirm_by_slip(
    conn: &mut Conn,
    viewer: &Viewer,
    child: &Child,
    on: Date,
) -> Result<()> {
    let last = versions(conn, viewer, child).await?;
    let Some(card) = last.first() else {
        return Ok(());
    };
    let confirmed_on = last_confirmed(&last);
    let changed_on = changed_on(conn, viewer, child).await?;
    if !confirms(on, confirmed_on, changed_on) {
        return Ok(());
    }
    db::query(
        "update kin set phone_checked_on = $3
         where school_id = $1 and child_id = $2 and to_on is null
            and (phone_checked_on is null or phone_checked_on < $3)",
    )
    .bind(viewer.school_id.as_str())
    .bind(child.id.as_str())
    .bind(on.to_string())
    .execute(&mut *conn)
    .await?;
    set_confirmed(conn, viewer, child, (card.version, on)).await
}

/// Since when the newest of what stands on the card stands there.
async fn changed_on(conn: &mut Conn, viewer: &Viewer, child: &Child) -> Result<Option<Date>> {
    let changed_on: Option<String> = db::query_scalar(
        "select max(from_on) from kin
         where school_id = $1 and child_id = $2 and to_on is null",
    )
    .bind(viewer.school_id.as_str())
    .bind(child.id.as_str())
    .fetch_one(conn)
    .await?;
    Ok(db::opt_date(changed_on))
}

/// The mark of a card of which the family said that something on it is to be changed.
pub const CARD_TOLD: &str = "card_told";

/// The family went through the card on that day and had something to change: whoever keeps the card is
/// reminded until it is changed or asked about.
pub async fn changed_by_slip(
    conn: &mut Conn,
    viewer: &Viewer,
    child: &Child,
    on: Date,
) -> Result<()> {
    let last = versions(conn, viewer, child).await?;
    let changed_on = changed_on(conn, viewer, child).await?;
    if !confirms(on, last_confirmed(&last), changed_on) {
        return Ok(());
    }
    settled(conn, viewer, child).await?;
    db::query(
        "insert into child_mark (school_id, id, child_id, mark, from_on, to_on)
         values ($1, $2, $3, $4, $5, null)",
    )
    .bind(viewer.school_id.as_str())
    .bind(OperationId::new().as_str())
    .bind(child.id.as_str())
    .bind(CARD_TOLD)
    .bind(on.to_string())
    .execute(conn)
    .await?;
    Ok(())
}

/// The card says what the family told.
async fn settled(conn: &mut Conn, viewer: &Viewer, child: &Child) -> Result<()> {
    db::query(
        "delete from child_mark where school_id = $1 and child_id = $2 and mark = $3
            and to_on is null",
    )
    .bind(viewer.school_id.as_str())
    .bind(child.id.as_str())
    .bind(CARD_TOLD)
    .execute(conn)
    .await?;
    Ok(())
}

/// When somebody last asked about the whole card.
pub fn last_confirmed(versions: &[Version]) -> Option<Date> {
    versions.iter().filter_map(|one| one.confirmed_on).max()
}

/// The day of the newest change, where nobody has asked about the whole card since.
pub fn changed_since(versions: &[Version]) -> Option<Date> {
    let newest = versions.first().filter(|one| one.confirmed_on.is_none())?;
    crate::clock::day_of(&newest.made_at)
}

async fn set_confirmed(
    conn: &mut Conn,
    viewer: &Viewer,
    child: &Child,
    (version, on): (i64, Date),
) -> Result<()> {
    settled(conn, viewer, child).await?;
    db::query(
        "update card_version set confirmed_on = $4, by_role = $5
         where school_id = $1 and child_id = $2 and version = $3",
    )
    .bind(viewer.school_id.as_str())
    .bind(child.id.as_str())
    .bind(version)
    .bind(on.to_string())
    .bind(capacity(viewer, child).code())
    .execute(&mut *conn)
    .await?;
    rebuild(conn, &viewer.school_id, child.id.as_str()).await
}

/// A grown-up as it shall be.
#[derive(Debug, PartialEq, Eq)]
pub struct KinChange {
    pub party: String,
    pub kinship: String,
    pub details: KinDetails,
    pub free_after: Option<String>,
    pub born_on: Option<Date>,
}

impl From<&Kin> for KinChange {
    fn from(kin: &Kin) -> Self {
        Self {
            party: kin.party.clone(),
            kinship: kin.kinship.clone(),
            details: kin.details.clone(),
            free_after: kin.free_after.clone(),
            born_on: kin.born_on,
        }
    }
}

/// Ends what was and writes what is, so that the old number stays with its dates.
pub async fn put_kin(
    conn: &mut Conn,
    viewer: &Viewer,
    child: &Child,
    key: &Key,
    (was, change): (Option<&Kin>, &KinChange),
) -> Result<KinId> {
    let today = viewer.today().to_string();
    let mut position = 9;
    if let Some(was) = was {
        position = db::query_scalar("select position from kin where school_id = $1 and id = $2")
            .bind(viewer.school_id.as_str())
            .bind(was.id.as_str())
            .fetch_one(&mut *conn)
            .await?;
        db::query("update kin set to_on = $3 where school_id = $1 and id = $2")
            .bind(viewer.school_id.as_str())
            .bind(was.id.as_str())
            .bind(&today)
            .execute(&mut *conn)
            .await?;
    }
    let id = KinId::new();
    let phone = change.details.phone.as_deref();
    let same = was.filter(|was| phone.is_some() && was.details.phone.as_deref() == phone);
    // A number that is typed in was said by somebody today.
    let stood_there = was.filter(|was| was.details.phones().any(|one| phone == Some(one)));
    let checked = match stood_there {
        Some(was) => was.phone_checked_on.map(|day| day.to_string()),
        None => phone.map(|_| today.clone()),
    };
    db::query(
        "insert into kin (school_id, id, child_id, party, kinship, details_sealed, phone_index,
            phone_state, phone_checked_on, born_on, free_after, position, from_on, to_on, version)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, null, $14)",
    )
    .bind(viewer.school_id.as_str())
    .bind(id.as_str())
    .bind(child.id.as_str())
    .bind(&change.party)
    .bind(&change.kinship)
    .bind(seal_kin(key, id.as_str(), &change.details)?)
    .bind(phone.map(|phone| viewer.school_key.index("phone", phone)))
    .bind(match (phone, same) {
        (_, Some(was)) => &was.phone_state,
        (Some(_), None) => "good",
        // A number that is of no use any more is asked for, like one that was wrong from the start.
        (None, None) => match was {
            Some(was) if was.details.phone.is_some() => "held",
            Some(was) => &was.phone_state,
            None => "none",
        },
    })
    .bind(checked)
    .bind(change.born_on.map(|day| day.to_string()))
    .bind(change.free_after.clone())
    .bind(position)
    .bind(&today)
    .bind(was.map_or(1, |was| was.version + 1))
    .execute(&mut *conn)
    .await?;
    let phone_changed = was.is_none_or(|was| was.details.phone != change.details.phone);
    if phone_changed {
        number_changed(conn, viewer, child).await?;
    }
    Ok(id)
}

/// Takes a grown-up off the card; who it was and until when stays.
pub async fn end_kin(conn: &mut Conn, viewer: &Viewer, was: &Kin) -> Result<()> {
    db::query("update kin set to_on = $3 where school_id = $1 and id = $2")
        .bind(viewer.school_id.as_str())
        .bind(was.id.as_str())
        .bind(viewer.today().to_string())
        .execute(conn)
        .await?;
    Ok(())
}

/// Where a parent works now, as it was told about the home; what the card says with the same place and
/// more stays.
pub async fn works_at(
    conn: &mut Conn,
    viewer: &Viewer,
    (child, key): (&Child, &Key),
    (parent, place): (&str, &str),
) -> Result<()> {
    let kin = crate::children::store::kin(conn, viewer, child, key).await?;
    let mut own = kin
        .iter()
        .filter(|kin| kin.party == "parent" && kin.kinship == parent);
    let Some(was) = own.next() else {
        return Ok(());
    };
    let known = was.details.work_place.as_deref().unwrap_or_default();
    if known == place || !place.is_empty() && known.contains(place) {
        return Ok(());
    }
    let mut change = KinChange::from(was);
    change.details.work_place = (!place.is_empty()).then(|| place.to_owned());
    change_card(conn, viewer, (child, key), (was, &change), "kin").await
}

/// Where a parent worked before somebody told of this place by mistake.
pub async fn worked_at(
    conn: &mut Conn,
    viewer: &Viewer,
    (child, key): (&Child, &Key),
    (parent, place): (&str, &str),
) -> Result<()> {
    let kin = crate::children::store::kin(conn, viewer, child, key).await?;
    let is_own = |kin: &Kin| kin.party == "parent" && kin.kinship == parent;
    let now = kin.iter().find(|kin| is_own(kin));
    let is_told =
        |kin: &&Kin| !place.is_empty() && kin.details.work_place.as_deref() == Some(place);
    let Some(now) = now.filter(is_told) else {
        return Ok(());
    };
    let former = crate::children::store::former_kin(conn, viewer, child, key).await?;
    let mut before = former.iter().map(|one| &one.kin).filter(|kin| is_own(kin));
    let Some(was) = before.next() else {
        return Ok(());
    };
    let mut change = KinChange::from(now);
    change
        .details
        .work_place
        .clone_from(&was.details.work_place);
    // Only what that place alone had changed: the card may have said the same before.
    if change == KinChange::from(now) || change != KinChange::from(was) {
        return Ok(());
    }
    change_card(conn, viewer, (child, key), (now, &change), "kin").await
}

/// A grown-up as it shall be, and the new version of the card.
pub async fn change_card(
    conn: &mut Conn,
    viewer: &Viewer,
    (child, key): (&Child, &Key),
    (was, change): (&Kin, &KinChange),
    what: &str,
) -> Result<()> {
    put_kin(conn, viewer, child, key, (Some(was), change)).await?;
    add_version(conn, viewer, child, what).await
}

/// Nobody has one of two numbers any more: the other is the one to dial.
pub async fn drop_number(
    conn: &mut Conn,
    viewer: &Viewer,
    (child, key): (&Child, &Key),
    (was, is_other): (&Kin, bool),
) -> Result<()> {
    let mut change = KinChange::from(was);
    if is_other {
        change.details.other_phone = None;
    } else {
        change.details.phone = None;
        change.details.close_ranks();
    }
    change_card(conn, viewer, (child, key), (was, &change), "phone").await
}

/// Nobody has this number any more; it stays on the card, and is asked about.
pub async fn number_dead(
    conn: &mut Conn,
    viewer: &Viewer,
    child: &Child,
    kin: &KinId,
) -> Result<()> {
    // Brothers and sisters have the same number: it is as dead on their cards.
    db::query(
        "update kin set phone_state = 'dead'
         where school_id = $1 and to_on is null and phone_state = 'good'
            and phone_index = (select k.phone_index from kin k
                where k.school_id = $1 and k.child_id = $2 and k.id = $3 and k.to_on is null)",
    )
    .bind(viewer.school_id.as_str())
    .bind(child.id.as_str())
    .bind(kin.as_str())
    .execute(conn)
    .await?;
    Ok(())
}

async fn number_changed(conn: &mut Conn, viewer: &Viewer, child: &Child) -> Result<()> {
    db::query(
        "insert into child_event (school_id, id, child_id, kind, happened_on)
         values ($1, $2, $3, 'number_changed', $4)",
    )
    .bind(viewer.school_id.as_str())
    .bind(OperationId::new().as_str())
    .bind(child.id.as_str())
    .bind(viewer.today().to_string())
    .execute(conn)
    .await?;
    Ok(())
}
