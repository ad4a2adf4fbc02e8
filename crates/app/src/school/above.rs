//! In which county and township a school is.

use super::founding;
use super::pages::{change, school_page};
use super::tree::{self, OrgKind, Unit};
use crate::App;
use crate::db::{self, Conn};
use crate::ids::SchoolId;
use crate::journal::Kind;
use crate::web::{self, Errors, Failure, Fields, Form, Result, Viewer, see_other};
use axum::extract::State;
use axum::response::Response;

const LONGEST: usize = 40;

/// What the page says, each empty where nothing was typed.
fn typed(fields: &Fields) -> Result<(Option<String>, Option<String>), Errors> {
    let named = |field| Some(fields.get(field).to_owned()).filter(|name| !name.is_empty());
    let (county, township) = (named("county"), named("township"));
    let mut errors = Errors::default();
    for (field, name) in [("county", &county), ("township", &township)] {
        if name
            .as_ref()
            .is_some_and(|name| name.chars().count() > LONGEST)
        {
            errors.add(field, "名字最多40个字，写短一点。");
        }
    }
    if county.is_none() && township.is_some() {
        errors.add("county", "乡镇在哪个县里，也请写上。");
    }
    match errors.is_empty() {
        true => Ok((county, township)),
        false => Err(errors),
    }
}

/// The county, or the township, that works with the program and sees what its schools count: a school
/// neither joins it nor leaves it of itself.
pub async fn led_by(conn: &mut Conn, units: &[Unit]) -> db::Result<Option<String>> {
    for unit in units.iter().filter(|unit| unit.kind != OrgKind::School) {
        if tree::has_people(conn, &unit.id).await? {
            return Ok(Some(unit.name.clone()));
        }
    }
    Ok(None)
}

async fn refuse_if_led(conn: &mut Conn, school_id: &SchoolId) -> Result<()> {
    let units = tree::units(conn, school_id).await?;
    match led_by(conn, &units).await? {
        None => Ok(()),
        Some(name) => Err(Failure::Asked(format!(
            "{name}在这里有自己的账号，能看到下面学校的人数，学校不能自己进出，所以没有改。请系统管理员在服务器上用nuanchao place办。"
        ))),
    }
}

/// `POST /office/school/above`
pub async fn put(State(app): State<App>, viewer: Viewer, Form(fields): Form) -> Result<Response> {
    let (county, township) = match typed(&fields) {
        Ok(named) => named,
        Err(errors) => {
            return web::unprocessable(&school_page(&app, &viewer, errors, fields).await?);
        }
    };
    let done = change(&app, &viewer, (&fields, Kind::SchoolChanged), async |tx| {
        refuse_if_led(tx, &viewer.school_id).await?;
        move_to(
            tx,
            &viewer.school_id,
            (county.as_deref(), township.as_deref()),
        )
        .await?;
        refuse_if_led(tx, &viewer.school_id).await
    });
    match done.await {
        Ok(()) => Ok(see_other("/office/school?said=placed")),
        Err(Failure::Asked(sentence)) => {
            let mut errors = Errors::default();
            errors.add("county", &sentence);
            web::unprocessable(&school_page(&app, &viewer, errors, fields).await?)
        }
        Err(other) => Err(other),
    }
}

/// Hangs the school below the township, or the county; below nothing where neither is named.
pub async fn move_to(
    conn: &mut Conn,
    school_id: &SchoolId,
    named: (Option<&str>, Option<&str>),
) -> Result<()> {
    let above = founding::above(conn, named).await?;
    Ok(tree::put_below(conn, school_id, above.as_ref()).await?)
}
