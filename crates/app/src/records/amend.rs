//! What comes after a record is saved: taken back within a day, or amended with its earlier text kept.

use super::forms::{parse, refers};
use super::pages::{About, Drawing, Earlier, NewPage, kin_word, record_form, refer_to};
use super::said::{beside, now_says, said};
use super::save::{DAY, age, amended, own_record};
use super::store::{self, Record};
use crate::App;
use crate::adoptions::store::{InForce, in_force};
use crate::ids::{OperationId, RecordId};
use crate::journal::{self, Entry, Kind};
use crate::web::{self, Errors, Failure, Fields, Form, Id, Result, Viewer, page, see_other};
use axum::extract::State;
use axum::response::Response;
use jiff::civil::Date;

/// `POST /records/{record_id}/undo`: takes back what was just saved, with all that was saved together;
/// one of these that somebody changed since stands by itself.
pub async fn undo(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<RecordId>,
    Form(fields): Form,
) -> Result<Response> {
    let back = web::words::own_path(fields.get("back")).to_owned();
    let joint = if back.contains('?') { '&' } else { '?' };
    let done = format!("{back}{joint}said=undone");
    let mut tx = app.db.write(&viewer.school_id).await?;
    if store::is_withdrawn(&mut tx, &viewer, &id).await? {
        return Ok(see_other(&done));
    }
    let (record, _, _) = own_record(&mut tx, &viewer, &id).await?;
    if age(&record, &viewer) > DAY {
        return Err(Failure::Asked(
            "这条记录超过一天了，不能整条撤销。可以打开它改一改，原来的会留着。".to_owned(),
        ));
    }
    let all = store::group(&mut tx, &viewer, &record.group_id).await?;
    let (kept, gone): (Vec<_>, Vec<_>) = all
        .into_iter()
        .partition(|one| one.version > record.version);
    let done = match kept.is_empty() {
        true => done,
        false => format!("{back}{joint}said=undone_but"),
    };
    for one in gone {
        store::withdraw(&mut tx, &viewer, &one.child_id, &one.id).await?;
        store::take_back_referral(&mut tx, &viewer, &one.child_id, &one.id).await?;
    }
    journal::record(
        &mut tx,
        &viewer.actor(),
        &Entry {
            operation: &OperationId::new(),
            kind: Kind::RecordWithdrawn,
            subject_kind: "record",
            subject_id: id.as_str(),
            payload: id.as_str(),
            result: "",
        },
    )
    .await?;
    tx.commit().await?;
    Ok(see_other(&done))
}

fn whose(record: &Record) -> &str {
    record.kin_id.as_deref().unwrap_or_default()
}

fn as_fields(record: &Record) -> Fields {
    let mut fields = Fields::default();
    super::forms::from_json(&record.filled, &mut fields);
    fields.push("happened_on", &record.happened_on.to_string());
    fields.push("party", &record.party);
    fields.push("operation", OperationId::new().as_str());
    fields
}

/// `GET /records/{record_id}/edit`
pub async fn edit(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<RecordId>,
    Form(asked): Form,
) -> Result<Response> {
    let mut conn = app.db.read().await?;
    let (record, child, key) = own_record(&mut conn, &viewer, &id).await?;
    let earlier = store::earlier(&mut conn, &viewer, &record, &key).await?;
    let in_force = in_force(&app, &mut conn, &viewer.school_id, viewer.today()).await?;
    let form = record_form(&in_force, &record.kind)?;
    let fields = as_fields(&record);
    let kin = kin_word(&mut conn, &viewer, &child, whose(&record)).await?;
    let drawing = Drawing {
        app: &app,
        viewer: &viewer,
        about: About::child(&child, form, kin.as_deref()),
        form,
        fields: &fields,
        errors: Errors::default(),
        refer_to: asks_whom(&mut conn, &viewer, (form, &record)).await?,
    };
    let mut drawn = for_edit(drawing.page(Vec::new()), &record);
    if let Some(back) = asked.opt("back") {
        drawn.back = web::words::own_path(back).to_owned();
    }
    if asked.opt("done").is_some() {
        drawn.is_fresh = true;
        drawn.shell = drawn.shell.with_done(&asked, &drawn.back).without_more();
    }
    drawn.is_late = age(&record, &viewer) > DAY;
    drawn.earlier = earlier
        .into_iter()
        .map(|one| was(&in_force, &one.of(&record), &one.changed_at, viewer.today()))
        .collect();
    page(&drawn)
}

/// One text of a record, and until when it stood.
pub(super) fn was(in_force: &InForce, before: &Record, changed_at: &str, today: Date) -> Earlier {
    let (title, note) = said(in_force, before);
    let until = crate::clock::day_of(changed_at);
    Earlier {
        // Only who wrote it amends it.
        until: until
            .map(|day| {
                let by = web::words::teacher(&before.by_name);
                format!("{}{by}", web::words::day(day, today))
            })
            .unwrap_or_default(),
        said: [Some(title), note]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join("。"),
    }
}

/// Whom a talk may still be handed to; `None`: it has been already.
async fn asks_whom(
    conn: &mut crate::db::Conn,
    viewer: &Viewer,
    (form, record): (&crate::packs::Form, &Record),
) -> Result<Option<String>> {
    if refers(&record.filled) {
        return Ok(None);
    }
    refer_to(conn, viewer, form).await
}

fn for_edit(mut page: NewPage, record: &Record) -> NewPage {
    page.action = format!("/records/{}/edit", record.id);
    page.draft = String::new();
    page.ticket = None;
    page.here = format!("/records/{}/edit", record.id);
    page.version = Some(record.version);
    page.back = format!("/children/{}", record.child_id);
    page
}

/// `POST /records/{record_id}/edit`
pub async fn amend(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<RecordId>,
    Form(fields): Form,
) -> Result<Response> {
    let mut tx = app.db.write(&viewer.school_id).await?;
    let (record, child, key) = own_record(&mut tx, &viewer, &id).await?;
    let in_force = in_force(&app, &mut tx, &viewer.school_id, viewer.today()).await?;
    let form = record_form(&in_force, &record.kind)?;
    let refer_to = asks_whom(&mut tx, &viewer, (form, &record)).await?;
    let kin = kin_word(&mut tx, &viewer, &child, whose(&record)).await?;
    let drawn = |errors| {
        let drawing = Drawing {
            app: &app,
            viewer: &viewer,
            about: About::child(&child, form, kin.as_deref()),
            form,
            fields: &fields,
            errors,
            refer_to,
        };
        for_edit(drawing.page(Vec::new()), &record)
    };
    let new = match parse(form, &fields, viewer.today()) {
        Ok(new) => new,
        Err(errors) => {
            let mut again = drawn(errors);
            // Mended and sent once more, it still changes only what it was drawn from.
            again.version = fields.get("version").parse().ok();
            return web::unprocessable(&again);
        }
    };
    let wanted = fields.get("version");
    let asked = ((&record, &child, &key), (&new, wanted, form.whole_class));
    match amended(&mut tx, &viewer, &in_force, asked).await {
        Err(Failure::Stale) => {
            let mut errors = beside(form, &record.filled, &new.filled);
            if record.happened_on != new.happened_on {
                let saved = web::words::full_day(record.happened_on);
                errors.add("happened_on", now_says(&saved));
            }
            return web::stale(&drawn(errors));
        }
        other => other?,
    }
    tx.commit().await?;
    let childs_page = format!("/children/{}", record.child_id);
    let back = fields.opt("back").unwrap_or(&childs_page);
    Ok(see_other(web::words::own_path(back)))
}
