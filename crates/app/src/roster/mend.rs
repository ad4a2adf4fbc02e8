//! The lines that did not go in, as a sheet that is mended and brought again.

use super::check::Verdict;
use super::heads::Column;
use super::store::{self, Brought};
use crate::App;
use crate::ids::{ImportId, OperationId};
use crate::journal::{self, Entry, Kind};
use crate::school::store::{self as school, Class};
use crate::sheets::{self, MendRow};
use crate::web::words::class_title;
use crate::web::{self, Failure, Id, Result, Viewer};
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use jiff::civil::Date;

/// The sheet of the lines that wait for somebody, and how many they are.
/// `classes`: those that the school has by now.
pub fn mend_sheet(brought: &Brought, classes: &[Class]) -> Result<(Vec<u8>, usize)> {
    let rows: Vec<MendRow> = brought
        .rows
        .iter()
        .filter(|row| matches!(row.verdict, Verdict::Refused | Verdict::Ask))
        .map(|row| MendRow {
            line: row.line,
            why: row.why.concat(),
            cells: row.cells.clone(),
            wrong: row.wrong.clone(),
        })
        .collect();
    let mut choices = brought.choices.clone();
    let place = Column::Class.zh();
    let of_class = brought.understood.iter().find(|(_, zh)| *zh == place);
    let at = of_class.and_then(|(title, _)| brought.titles.iter().position(|one| one == title));
    if let Some((_, words)) = choices.iter_mut().find(|(column, _)| Some(*column) == at) {
        *words = classes.iter().map(Class::title).collect();
        // Those that the list opens when it goes in are there by the time the sheet comes back.
        let opened = brought.new_classes.iter();
        let opened = opened.map(|(grade, number)| class_title((*grade).into(), (*number).into()));
        let opened: Vec<String> = opened.filter(|title| !words.contains(title)).collect();
        words.extend(opened);
    }
    let bytes = sheets::mend_sheet(&brought.titles, &rows, (&choices, true))
        .map_err(|error| Failure::Ours(format!("mend sheet: {error}")))?;
    Ok((bytes, rows.len()))
}

/// `GET /office/import/{import_id}/mend.xlsx`
pub async fn mend(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<ImportId>,
) -> Result<Response> {
    let (import, classes) = {
        let mut conn = app.db.read().await?;
        let import = store::one(&mut conn, &viewer, &id).await?;
        let day = import.brought.day(&viewer);
        let classes = school::classes(&mut conn, &viewer.school_id, day).await?;
        (import, classes)
    };
    if import.brought.rows.is_empty() {
        return Err(Failure::NotThere);
    }
    // Full numbers leave the house in it.
    let mut tx = app.db.write(&viewer.school_id).await?;
    let entry = Entry {
        operation: &OperationId::new(),
        kind: Kind::MendSheetTaken,
        subject_kind: "roster_import",
        subject_id: id.as_str(),
        payload: "",
        result: "",
    };
    journal::record(&mut tx, &viewer.actor(), &entry).await?;
    tx.commit().await?;
    let (bytes, count) = mend_sheet(&import.brought, &classes)?;
    Ok(mend_answer(bytes, count, viewer.today()))
}

/// The sheet as a file to be kept.
pub fn mend_answer(bytes: Vec<u8>, count: usize, today: Date) -> Response {
    let name = format!(
        "要改的{count}行_{:02}{:02}.xlsx",
        today.month(),
        today.day()
    );
    let disposition = format!("attachment; filename*=UTF-8''{}", web::words::url(&name));
    (
        [
            (
                header::CONTENT_TYPE,
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet".to_owned(),
            ),
            (header::CONTENT_DISPOSITION, disposition),
            (header::CACHE_CONTROL, "no-store".to_owned()),
        ],
        bytes,
    )
        .into_response()
}
