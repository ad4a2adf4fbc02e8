//! What changes the card: who asked about all of it, a grown-up as it shall be, one who goes.

use super::pages::{card_page, differences, later};
use super::store::{self, KinChange};
use crate::App;
use crate::children::store as children;
use crate::children::store::{Child, Kin, KinDetails};
use crate::db::Conn;
use crate::home::store as home;
use crate::ids::{ChildId, OperationId};
use crate::journal::{self, Entry, Kind, Seen};
use crate::vault::Key;
use crate::web::{self, Errors, Failure, Fields, Form, Id, Result, Viewer, see_other};
use axum::extract::State;
use axum::response::Response;
use jiff::civil::Date;
use rules::access::Act;
use rules::history::age_on;
use rules::identity::{Kinship, PersonName, Phone, PhoneFault, parse_date};

pub(super) async fn once(
    tx: &mut Conn,
    viewer: &Viewer,
    child: &Child,
    (kind, operation, payload): (Kind, &OperationId, &str),
) -> Result<bool> {
    let entry = Entry {
        operation,
        kind,
        subject_kind: "child",
        subject_id: child.id.as_str(),
        payload,
        result: child.id.as_str(),
    };
    journal::once(tx, &viewer.actor(), &entry).await
}

/// `POST /children/{child_id}/card/confirm`
pub async fn confirm(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<ChildId>,
    Form(fields): Form,
) -> Result<Response> {
    let operation = fields.operation()?;
    let mut tx = app.db.write(&viewer.school_id).await?;
    let child = children::visible(&mut tx, &viewer, Act::EditDossier, &id).await?;
    let entry = (Kind::CardConfirmed, &operation, id.as_str());
    if once(&mut tx, &viewer, &child, entry).await? {
        store::confirm(&mut tx, &viewer, &child).await?;
    }
    tx.commit().await?;
    Ok(see_other(&format!("/children/{id}/card?said=confirmed")))
}

/// A blank number means "as before": the page never shows the old one in full.
fn number_of(fields: &Fields, name: &str, number: &mut Option<String>) -> Result<(), PhoneFault> {
    match fields.opt(name).map(Phone::parse).transpose()? {
        Some(phone) => *number = Some(phone.as_str().to_owned()),
        None if fields.has(&format!("drop_{name}"), "1") => *number = None,
        None => {}
    }
    Ok(())
}

/// Both numbers as the form would have them; a new one takes the place of one that fails.
fn numbers(
    fields: &Fields,
    (was, word): (Option<&Kin>, &str),
    details: &mut KinDetails,
    errors: &mut Errors,
) {
    for (name, number) in [
        ("phone", &mut details.phone),
        ("other_phone", &mut details.other_phone),
    ] {
        if let Err(fault) = number_of(fields, name, number) {
            errors.add(name, crate::roster::sentences::phone(word, &fault));
        }
    }
    let fails = was.filter(|was| was.phone_state == "dead" && was.details.phone == details.phone);
    if fails.is_some() && details.other_phone.is_some() {
        details.phone = None;
    }
    details.close_ranks();
}

/// Who answers a telephone and looks after a child: an elder brother too, but nobody older than
/// anybody has become.
fn is_grown_up(born_on: Date, today: Date) -> bool {
    born_on <= today && (8..=120).contains(&age_on(born_on, today))
}

fn kin_change(fields: &Fields, (was, today): (Option<&Kin>, Date)) -> Result<KinChange, Errors> {
    let mut errors = Errors::default();
    let mut details = was.map(|was| was.details.clone()).unwrap_or_default();
    match PersonName::parse(fields.get("name")) {
        Ok(name) => name.as_str().clone_into(&mut details.name),
        Err(fault) => errors.add(
            "name",
            crate::roster::sentences::name(&fault).replace("孩子的", ""),
        ),
    }
    let kinship = Kinship::from_code(fields.get("kinship"));
    let word = kinship.as_ref().map_or("这个人", Kinship::word).to_owned();
    numbers(fields, (was, &word), &mut details, &mut errors);
    let kept = |name: &str, was: Option<String>| match fields.given(name) {
        None => was,
        Some(text) => Some(text.to_owned()).filter(|text| !text.is_empty()),
    };
    for (name, value) in [
        ("work_place", &mut details.work_place),
        ("employer_phone", &mut details.employer_phone),
        ("occupation", &mut details.occupation),
        ("address", &mut details.address),
        ("health", &mut details.health),
    ] {
        *value = kept(name, value.take());
    }
    let born_on = match fields.opt("born_on").map(parse_date) {
        None => was.and_then(|was| was.born_on),
        Some(Ok(day)) if is_grown_up(day, today) => Some(day),
        Some(Ok(_)) => {
            errors.add("born_on", "按这个出生日期算，年龄不对，看看年份。");
            None
        }
        Some(Err(_)) => {
            errors.add("born_on", "出生日期看不懂，写成1962-05-01这样就行。");
            None
        }
    };
    let Some(kinship) = kinship else {
        errors.add("kinship", "和孩子的关系还没选。");
        return Err(errors);
    };
    if !errors.is_empty() {
        return Err(errors);
    }
    let party = match was {
        Some(was) => was.party.as_str(),
        None if kinship.is_parent() => "parent",
        None if fields.has("only_contact", "1") => "relative",
        None => "carer",
    };
    Ok(KinChange {
        party: party.to_owned(),
        kinship: kinship.code().to_owned(),
        details,
        free_after: kept("free_after", was.and_then(|was| was.free_after.clone())),
        born_on,
    })
}

/// What the page is drawn with once more, and nothing was written.
struct Again {
    errors: Errors,
    typed: Fields,
    /// Somebody else was here first.
    is_stale: bool,
}

impl Again {
    async fn page(self, app: &App, viewer: &Viewer, id: &ChildId) -> Result<Response> {
        let drawn = card_page(app, viewer, id, self.errors, self.typed).await?;
        if self.is_stale {
            web::stale(&drawn)
        } else {
            web::unprocessable(&drawn)
        }
    }
}

/// The grown-up that the page spoke of, or what is said where somebody else changed it since.
async fn found<'a>(
    tx: &mut Conn,
    viewer: &Viewer,
    (child, key): (&Child, &Key),
    (kin, fields): (&'a [Kin], &Fields),
) -> Result<Result<Option<&'a Kin>, Again>> {
    let Some(wanted) = fields.opt("kin") else {
        return Ok(Ok(None));
    };
    let was = kin.iter().find(|kin| kin.id.as_str() == wanted);
    if was.is_some() {
        return Ok(Ok(was));
    }
    let former = children::former_kin(tx, viewer, child, key).await?;
    let seen = former.iter().find(|one| one.kin.id.as_str() == wanted);
    let mut now = seen.and_then(|seen| later(seen, &former, kin));
    while let Some(one) = now.filter(|one| kin.iter().all(|other| other.id != one.id)) {
        let next = former.iter().find(|other| other.kin.id == one.id);
        now = next.and_then(|next| later(next, &former, kin));
    }
    Ok(Err(stale(now, (fields, viewer.today()))))
}

/// Both are shown: what the card says now is in the sentences, what was typed in the fields.
fn stale(now: Option<&Kin>, (fields, today): (&Fields, Date)) -> Again {
    let mut errors = Errors::default();
    let mut typed = fields.clone();
    let is_stale = true;
    let Some(now) = now else {
        errors.add(
            "name",
            "别人刚把这个人从卡上拿掉了，您写的还没保存，都在“加一个家里人”里。还要写在卡上，就按“加上”。",
        );
        typed.set("kin", "");
        return Again {
            errors,
            typed,
            is_stale,
        };
    };
    typed.set("kin", now.id.as_str());
    errors.add("name", web::CHANGED_MEANWHILE);
    if let Ok(change) = kin_change(fields, (Some(now), today)) {
        for line in differences(&now.details, &change.details, true) {
            errors.add("name", format!("这样保存会改：{line}"));
        }
    }
    Again {
        errors,
        typed,
        is_stale,
    }
}

/// Whom the form is about, and as what it wants that grown-up to be.
async fn wanted<'a>(
    tx: &mut Conn,
    viewer: &Viewer,
    about: (&Child, &Key),
    (kin, fields): (&'a [Kin], &Fields),
) -> Result<Result<(Option<&'a Kin>, KinChange), Again>> {
    let was = match found(tx, viewer, about, (kin, fields)).await? {
        Ok(was) => was,
        Err(again) => return Ok(Err(again)),
    };
    let change = kin_change(fields, (was, viewer.today())).map_err(|errors| Again {
        errors,
        typed: fields.clone(),
        is_stale: false,
    });
    Ok(change.map(|change| (was, change)))
}

/// The card as it shall be, its new version, and where a parent works also with its absence.
async fn put(
    tx: &mut Conn,
    viewer: &Viewer,
    (child, key): (&Child, &Key),
    (was, change): (Option<&Kin>, &KinChange),
) -> Result<()> {
    let phone = was.is_some_and(|was| !was.details.phones().eq(change.details.phones()));
    store::put_kin(tx, viewer, child, key, (was, change)).await?;
    let place = change.details.work_place.as_deref();
    let was_at = was.and_then(|was| was.details.work_place.as_deref());
    if let Some(place) = place.filter(|_| change.party == "parent" && place != was_at) {
        let of = (change.kinship.as_str(), place);
        home::set_place(tx, viewer, (child.id.as_str(), key), of).await?;
    }
    let what = if phone { "phone" } else { "kin" };
    store::add_version(tx, viewer, child, what).await
}

/// `POST /children/{child_id}/card/kin`
pub async fn change_kin(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<ChildId>,
    Form(fields): Form,
) -> Result<Response> {
    let operation = fields.operation()?;
    let payload = format!("{id} {:?}", fields.iter().collect::<Vec<_>>());
    let changed = see_other(&format!("/children/{id}/card?said=changed"));
    let mut tx = app.db.write(&viewer.school_id).await?;
    let child = children::visible(&mut tx, &viewer, Act::EditDossier, &id).await?;
    let seen = journal::seen(&mut tx, &viewer.actor(), &operation, &payload).await?;
    if matches!(seen, Seen::Done(_)) {
        return Ok(changed);
    }
    let key = children::key(&mut tx, &viewer, &child).await?;
    let kin = children::kin(&mut tx, &viewer, &child, &key).await?;
    let asked = (&kin[..], &fields);
    let (was, change) = match wanted(&mut tx, &viewer, (&child, &key), asked).await? {
        Ok(wanted) => wanted,
        Err(again) => {
            drop(tx);
            return again.page(&app, &viewer, &id).await;
        }
    };
    if was.is_some_and(|was| change == KinChange::from(was)) {
        return Ok(see_other(&format!("/children/{id}/card?said=same")));
    }
    let entry = (Kind::CardChanged, &operation, payload.as_str());
    if once(&mut tx, &viewer, &child, entry).await? {
        put(&mut tx, &viewer, (&child, &key), (was, &change)).await?;
    }
    tx.commit().await?;
    Ok(changed)
}

/// `POST /children/{child_id}/card/kin/end`: who has gone already is gone.
pub async fn end_kin(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<ChildId>,
    Form(fields): Form,
) -> Result<Response> {
    let operation = fields.operation()?;
    let mut tx = app.db.write(&viewer.school_id).await?;
    let child = children::visible(&mut tx, &viewer, Act::EditDossier, &id).await?;
    let key = children::key(&mut tx, &viewer, &child).await?;
    let kin = children::kin(&mut tx, &viewer, &child, &key).await?;
    let payload = format!("{id} end {}", fields.get("kin"));
    let entry = (Kind::CardChanged, &operation, payload.as_str());
    if once(&mut tx, &viewer, &child, entry).await? {
        let asked = (&kin[..], &fields);
        match found(&mut tx, &viewer, (&child, &key), asked).await? {
            Ok(None) => return Err(Failure::NotThere),
            Ok(Some(was)) => {
                store::end_kin(&mut tx, &viewer, was).await?;
                store::add_version(&mut tx, &viewer, &child, "ended").await?;
            }
            Err(mut again) => {
                drop(tx);
                let is_there = again.typed.opt("kin").is_some();
                let said = if is_there { ENDED_CHANGED } else { ENDED_TWICE };
                again.errors = Errors::default();
                again.errors.add("name", said);
                return again.page(&app, &viewer, &id).await;
            }
        }
    }
    tx.commit().await?;
    Ok(see_other(&format!("/children/{id}/card?said=ended")))
}

/// What is said of a grown-up whom somebody else changed or took off while the page was open.
const ENDED_CHANGED: &str = "别人刚改过这个人，还没有拿掉。看一看现在写的，还要拿掉就再按一次。";
const ENDED_TWICE: &str = "别人刚把这个人从卡上拿掉了，不用再拿。";
