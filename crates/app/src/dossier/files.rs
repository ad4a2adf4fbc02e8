//! Photographs and scans of one child's file.

use super::picture::{Kept, keep};
use super::sight::Sight;
use super::store::entries;
use crate::App;
use crate::adoptions::store::in_force;
use crate::children::change::note_read;
use crate::children::store as children;
use crate::children::store::Child;
use crate::db::{self, Conn};
use crate::ids::{ChildId, OperationId};
use crate::journal::{self, Entry, Kind};
use crate::records::forms::words as codes;
use crate::web::{self, Failure, Form, Id, Result, Shell, Viewer, cut, page, see_other, words};
use askama::Template;
use axum::extract::{FromRequest, Multipart, RawPathParams, Request, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use rules::access::Act;

struct FileRow {
    href: String,
    id: String,
    title: String,
    said: String,
    is_picture: bool,
}

#[derive(Template)]
#[template(path = "dossier/files.html")]
struct FilesPage {
    shell: Shell,
    child: Child,
    rows: Vec<FileRow>,
    error: Option<String>,
    /// What it is of, as it was typed beside a file that was refused.
    typed: String,
    operation: OperationId,
    may_edit: bool,
    may_withdraw: bool,
}

/// id, sealed title, media, name of who brought it, when
type Row = (String, String, String, String, String);

async fn files_page(
    app: &App,
    viewer: &Viewer,
    id: &ChildId,
    error: Option<String>,
) -> Result<FilesPage> {
    let mut conn = app.db.read().await?;
    let child = children::visible(&mut conn, viewer, Act::ReadIdentity, id).await?;
    let rows: Vec<Row> = db::query_as(
        "select f.id, f.title_sealed, f.media, t.name, f.made_at from dossier_file f
         join staff t on t.school_id = f.school_id and t.id = f.by_staff
         where f.school_id = $1 and f.child_id = $2 and f.withdrawn_at is null
         order by f.made_at desc, f.id desc",
    )
    .bind(viewer.school_id.as_str())
    .bind(child.id.as_str())
    .fetch_all(&mut conn)
    .await?;
    let key = children::key(&mut conn, viewer, &child).await?;
    let mut drawn = Vec::with_capacity(rows.len());
    for (file, title, media, by, at) in rows {
        let day = crate::clock::day_of(&at).map(|day| words::past_day(day, viewer.today()));
        drawn.push(FileRow {
            href: format!("/children/{id}/files/{file}"),
            title: key.open(&title_place(&file), &title)?,
            id: file,
            said: format!("{}，{}", day.unwrap_or_default(), words::teacher(&by)),
            is_picture: media.starts_with("image/"),
        });
    }
    let shell = Shell::new(app, viewer, "照片和扫描件", "/children");
    Ok(FilesPage {
        shell: if error.is_some() {
            shell.with_error()
        } else {
            shell
        },
        rows: drawn,
        may_edit: child.kept_by(viewer),
        may_withdraw: child.allows(viewer, Act::EditDossier),
        error,
        typed: String::new(),
        operation: OperationId::new(),
        child,
    })
}

/// A photograph or a scan by its name.
pub struct Named {
    pub id: String,
    /// 看病的条子，9月26日
    pub title: String,
    pub is_picture: bool,
}

/// What has been put into the file, newest first.
pub async fn filed_names(
    conn: &mut crate::db::Conn,
    viewer: &Viewer,
    (child, key): (&Child, &crate::vault::Key),
) -> Result<Vec<Named>> {
    let rows: Vec<(String, String, String, String)> = db::query_as(
        "select id, title_sealed, media, made_at from dossier_file
         where school_id = $1 and child_id = $2 and withdrawn_at is null
         order by made_at desc, id desc",
    )
    .bind(viewer.school_id.as_str())
    .bind(child.id.as_str())
    .fetch_all(conn)
    .await?;
    let mut found = Vec::with_capacity(rows.len());
    for (id, title, media, at) in rows {
        let title = key.open(&title_place(&id), &title)?;
        let day = crate::clock::day_of(&at).map(|day| words::day(day, viewer.today()));
        found.push(Named {
            title: format!("{title}，{}", day.unwrap_or_default()),
            is_picture: media.starts_with("image/"),
            id,
        });
    }
    Ok(found)
}

/// A photograph or a scan as the folder shows it.
pub struct Filed {
    pub title: String,
    pub made_on: Option<jiff::civil::Date>,
    pub href: String,
    /// Whether the folder shows it; a scan in PDF is only named.
    pub is_shown: bool,
    /// Its family did not agree that others see it.
    pub is_withheld: bool,
    /// JPEG, for the press; empty where a browser fetches it, or nobody needs it.
    pub bytes: Vec<u8>,
}

/// What a folder needs of its photographs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pictures {
    Named,
    /// Shown, and fetched by the browser.
    Linked,
    Held,
    /// Held as the small copy that was made of it, where there is one.
    HeldSmall,
}

impl Pictures {
    pub fn are_held(&self) -> bool {
        matches!(self, Self::Held | Self::HeldSmall)
    }
}

/// The photographs and scans of a child whose file the viewer may read, oldest first: `only` some of
/// them, or all.
pub async fn filed(
    conn: &mut crate::db::Conn,
    viewer: &Viewer,
    (child, key): (&Child, &crate::vault::Key),
    (pictures, only): (Pictures, Option<&[String]>),
) -> Result<Vec<Filed>> {
    let rows: Vec<(String, String, String, String, String, i64)> = db::query_as(
        "select id, title_sealed, media, made_at,
                case when $3 = 0 or media <> 'image/jpeg' then ''
                    when $3 = 1 then coalesce(small_sealed, bytes_sealed)
                    else bytes_sealed end,
                cast(case when $3 = 1 and small_sealed is not null then 1 else 0 end as bigint)
         from dossier_file where school_id = $1 and child_id = $2 and withdrawn_at is null
            and ($4 = '' or $4 like '%' || id || '%')
         order by made_at, id",
    )
    .bind(viewer.school_id.as_str())
    .bind(child.id.as_str())
    .bind(match pictures {
        Pictures::Named | Pictures::Linked => 0_i64,
        Pictures::HeldSmall => 1,
        Pictures::Held => 2,
    })
    .bind(only.map_or(String::new(), |ids| ids.join(" ")))
    .fetch_all(conn)
    .await?;
    let mut found = Vec::with_capacity(rows.len());
    for (id, title, media, made_at, sealed, is_small) in rows {
        let place = place_of(&id, is_small);
        let is_shown = pictures != Pictures::Named && media == "image/jpeg";
        found.push(Filed {
            is_withheld: false,
            title: key.open(&title_place(&id), &title)?,
            made_on: crate::clock::day_of(&made_at),
            href: format!("/children/{}/files/{id}", child.id),
            is_shown,
            bytes: match is_shown && pictures.are_held() {
                true => key.open_bytes(&place, &sealed)?,
                false => Vec::new(),
            },
        });
    }
    Ok(found)
}

/// `GET /children/{child_id}/files`
pub async fn list(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<ChildId>,
    Form(fields): Form,
) -> Result<Response> {
    let mut drawn = files_page(&app, &viewer, &id, None).await?;
    drawn.shell.notice = match fields.get("said") {
        "photo" => Some("照片放好了。里面的拍摄地点已经去掉。".to_owned()),
        "scan" => Some("扫描件放好了，照原样留着。".to_owned()),
        "withdrawn" => Some("拿掉了。".to_owned()),
        _ => None,
    };
    if !drawn.rows.is_empty() {
        note_read(&app, &viewer, Kind::DossierSeen, &id).await?;
    }
    page(&drawn)
}

/// A file with the words beside it.
pub struct Brought {
    file: Vec<u8>,
    title: String,
    operation: Option<OperationId>,
}

impl<S: Send + Sync> FromRequest<S> for Brought {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let mut parts = Multipart::from_request(request, state)
            .await
            .map_err(|_| Failure::Asked("请选一张照片或一份PDF。".to_owned()))?;
        let mut brought = Self {
            file: Vec::new(),
            title: String::new(),
            operation: None,
        };
        while let Some(part) = parts.next_field().await.map_err(cut)? {
            let name = part.name().unwrap_or_default().to_owned();
            let bytes = part.bytes().await.map_err(cut)?;
            let text = || String::from_utf8_lossy(&bytes).trim().to_owned();
            match name.as_str() {
                "file" => brought.file = bytes.to_vec(),
                "title" => brought.title = text().chars().take(40).collect(),
                "operation" => brought.operation = text().parse().ok(),
                _ => {}
            }
        }
        Ok(brought)
    }
}

pub fn place(id: &str) -> String {
    format!("dossier_file/{id}")
}

/// The small copy of a picture.
pub fn small_place(id: &str) -> String {
    format!("dossier_file/{id}/small")
}

/// Of what was fetched: the small copy, or the picture itself.
fn place_of(id: &str, is_small: i64) -> String {
    match is_small {
        1 => small_place(id),
        _ => place(id),
    }
}

/// What a scan is of may say as much as the scan.
pub fn title_place(id: &str) -> String {
    format!("dossier_file/{id}/title")
}

/// `POST /children/{child_id}/files`
pub async fn add(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<ChildId>,
    brought: Brought,
) -> Result<Response> {
    let operation = brought
        .operation
        .ok_or_else(|| Failure::Asked("这一页打开太久了，请刷新后再放一次。".to_owned()))?;
    let print = crate::vault::fingerprint(&brought.file);
    let file = brought.file;
    let kept = tokio::task::spawn_blocking(move || keep(&file))
        .await
        .map_err(|error| Failure::Ours(format!("reading a picture: {error}")))?;
    let kept = match kept {
        Ok(kept) => kept,
        Err(sentence) => {
            let mut again = files_page(&app, &viewer, &id, Some(sentence)).await?;
            again.typed = brought.title;
            return web::unprocessable(&again);
        }
    };
    let is_photo = kept.media.starts_with("image/");
    let mut tx = app.db.write(&viewer.school_id).await?;
    // A signed receipt comes when the child has left.
    let child = children::visible(&mut tx, &viewer, Act::WriteDossier, &id).await?;
    if !child.kept_by(&viewer) {
        return Err(Failure::NotThere);
    }
    let payload = format!("{id} {print}");
    let entry = Entry {
        operation: &operation,
        kind: Kind::FileKept,
        subject_kind: "child",
        subject_id: child.id.as_str(),
        payload: &payload,
        result: child.id.as_str(),
    };
    if journal::once(&mut tx, &viewer.actor(), &entry).await? {
        insert(&mut tx, &viewer, &child, (&brought.title, kept)).await?;
    }
    tx.commit().await?;
    let said = if is_photo { "photo" } else { "scan" };
    Ok(see_other(&format!("/children/{id}/files?said={said}")))
}

async fn insert(
    tx: &mut crate::db::Conn,
    viewer: &Viewer,
    child: &Child,
    (title, kept): (&str, Kept),
) -> Result<()> {
    let key = children::key(tx, viewer, child).await?;
    let id = OperationId::new();
    let title = if title.is_empty() {
        "没有写是什么"
    } else {
        title
    };
    db::query(
        "insert into dossier_file (school_id, id, child_id, title_sealed, media, bytes_sealed, size,
            by_staff, made_at, small_sealed, withdrawn_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, null)",
    )
    .bind(viewer.school_id.as_str())
    .bind(id.as_str())
    .bind(child.id.as_str())
    .bind(key.seal(&title_place(id.as_str()), title))
    .bind(kept.media)
    .bind(key.seal_bytes(&place(id.as_str()), &kept.bytes))
    .bind(i64::try_from(kept.bytes.len()).unwrap_or(i64::MAX))
    .bind(viewer.staff_id.as_str())
    .bind(&viewer.now.at)
    .bind(
        kept.small
            .map(|small| key.seal_bytes(&small_place(id.as_str()), &small)),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// `GET /children/{child_id}/files/{file_id}?size=`: `small` is the small copy, where there is one.
pub async fn one(
    State(app): State<App>,
    viewer: Viewer,
    params: RawPathParams,
    Form(fields): Form,
) -> Result<Response> {
    let mut ids = params.iter().map(|(_, value)| value);
    let child_id: Option<ChildId> = ids.next().and_then(|id| id.parse().ok());
    let (child_id, file) = child_id.zip(ids.next()).ok_or(Failure::NotThere)?;
    let mut conn = app.db.read().await?;
    let child = children::visible(&mut conn, &viewer, Act::ReadIdentity, &child_id).await?;
    let found: Option<(String, String, i64)> = db::query_as(
        "select media, case when $4 = 1 then coalesce(small_sealed, bytes_sealed) else bytes_sealed end,
                cast(case when $4 = 1 and small_sealed is not null then 1 else 0 end as bigint)
         from dossier_file
         where school_id = $1 and child_id = $2 and id = $3 and withdrawn_at is null",
    )
    .bind(viewer.school_id.as_str())
    .bind(child.id.as_str())
    .bind(file)
    .bind(i64::from(fields.get("size") == "small"))
    .fetch_optional(&mut conn)
    .await?;
    let (media, sealed, is_small) = found.ok_or(Failure::NotThere)?;
    let key = children::key(&mut conn, &viewer, &child).await?;
    let place = place_of(file, is_small);
    let bytes = key.open_bytes(&place, &sealed)?;
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    let is_picture = media.starts_with("image/");
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(if is_picture {
            "image/jpeg"
        } else {
            "application/pdf"
        }),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // A scan that somebody brought is never run in our page: it is saved.
    headers.insert(
        header::CONTENT_DISPOSITION,
        HeaderValue::from_static(if is_picture {
            "inline; filename=\"photo.jpg\""
        } else {
            "attachment; filename=\"scan.pdf\""
        }),
    );
    Ok(response)
}

/// What an entry of the file shows stays until the entry shows something else: otherwise the entry
/// would lose it without a word.
async fn not_named(
    app: &App,
    conn: &mut Conn,
    viewer: &Viewer,
    (child, file): (&Child, &str),
) -> Result<()> {
    let key = children::key(conn, viewer, child).await?;
    let all = entries(conn, viewer, child, &key, "").await?;
    let in_force = in_force(app, conn, &viewer.school_id, viewer.today()).await?;
    let sight = Sight {
        viewer,
        child,
        in_force: &in_force,
    };
    for entry in &all {
        // What this viewer cannot change neither holds the picture nor is told of.
        let Some(form) = sight.form(&entry.form).filter(|form| sight.may_write(form)) else {
            continue;
        };
        let named = form
            .fields
            .iter()
            .filter_map(|field| entry.filled.get(&field.id));
        if named.flat_map(codes).any(|code| code == file) {
            return Err(Failure::Asked(format!(
                "《{}》里用着这一张。先在那里换成别的，再回来拿掉。",
                form.title
            )));
        }
    }
    Ok(())
}

/// `POST /children/{child_id}/files/withdraw`
pub async fn withdraw(
    State(app): State<App>,
    viewer: Viewer,
    Id(id): Id<ChildId>,
    Form(fields): Form,
) -> Result<Response> {
    let wanted = crate::children::change::Change {
        act: Act::EditDossier,
        kind: Kind::DossierWithdrawn,
        child_id: &id,
        fields: &fields,
    };
    crate::children::change::change(&app, &viewer, &wanted, async |tx, child| {
        not_named(&app, tx, &viewer, (child, fields.get("file"))).await?;
        db::query(
            "update dossier_file set withdrawn_at = $4
             where school_id = $1 and child_id = $2 and id = $3 and withdrawn_at is null",
        )
        .bind(viewer.school_id.as_str())
        .bind(child.id.as_str())
        .bind(fields.get("file"))
        .bind(&viewer.now.at)
        .execute(tx)
        .await?;
        Ok(())
    })
    .await?;
    Ok(see_other(&format!("/children/{id}/files?said=withdrawn")))
}
