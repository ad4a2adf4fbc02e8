//! Long prints: made beside the other work, with what is done so far, until they are fetched.

use super::collect::Whom;
use super::release::{Asked, Made, make_with};
use super::{Output, pages};
use crate::App;
use crate::children::store as children;
use crate::ids::ChildId;
use crate::web::{Failure, Id, Result, Shell, Viewer, page, see_other};
use askama::Template;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use rules::access::Act;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// How a print ended.
#[derive(Clone)]
pub enum End {
    Done(Arc<Made>),
    /// Why there is none, for whoever asked.
    Not(String),
}

/// One print that is being made, or was.
pub struct Job {
    pub title: String,
    pub form: String,
    pub output: Output,
    /// 五（2）班, 全校: never a child's name.
    pub whom: String,
    /// A class or the whole school.
    is_named: bool,
    pub asked_at: String,
    gathered: AtomicUsize,
    all: AtomicUsize,
    is_set: AtomicBool,
    is_cancelled: AtomicBool,
    end: Mutex<Option<End>>,
}

impl Job {
    fn new(title: String, asked: &Asked, viewer: &Viewer) -> Self {
        Self {
            title,
            form: asked.form.clone(),
            output: asked.output,
            whom: match &asked.whom {
                Whom::One(_) => "一个孩子".to_owned(),
                Whom::Some(some) => format!("{}个孩子", some.len()),
                Whom::Class(title) => title.clone(),
                Whom::All => "全校".to_owned(),
            },
            is_named: matches!(asked.whom, Whom::Class(_) | Whom::All),
            asked_at: viewer.now.at.clone(),
            gathered: AtomicUsize::new(0),
            all: AtomicUsize::new(0),
            is_set: AtomicBool::new(false),
            is_cancelled: AtomicBool::new(false),
            end: Mutex::default(),
        }
    }

    /// So many of all children are gathered; an error: nobody wants it any more.
    pub fn step(&self, gathered: usize, all: usize) -> Result<()> {
        self.gathered.store(gathered, Ordering::Relaxed);
        self.all.store(all, Ordering::Relaxed);
        self.wanted()
    }

    /// All are gathered, and the type is being set.
    pub fn set(&self) -> Result<()> {
        self.is_set.store(true, Ordering::Relaxed);
        self.wanted()
    }

    /// Asked once more before the file is registered and handed over.
    pub fn wanted(&self) -> Result<()> {
        if self.is_cancelled.load(Ordering::Relaxed) {
            return Err(Failure::Asked("不做了，没有留下什么。".to_owned()));
        }
        Ok(())
    }

    pub fn end(&self) -> Option<End> {
        let end = self.end.lock().unwrap_or_else(PoisonError::into_inner);
        end.clone()
    }

    fn ends(&self, end: End) {
        *self.end.lock().unwrap_or_else(PoisonError::into_inner) = Some(end);
    }

    fn size(&self) -> usize {
        match self.end() {
            Some(End::Done(made)) => made.bytes.len(),
            Some(End::Not(_)) | None => 0,
        }
    }

    /// 已经收了12个孩子，一共45个
    pub fn said(&self) -> String {
        let all = self.all.load(Ordering::Relaxed);
        match self.end() {
            Some(End::Done(_)) => "做好了".to_owned(),
            Some(End::Not(why)) => why,
            None if self.is_cancelled.load(Ordering::Relaxed) => "不做了，正在停下来".to_owned(),
            None if self.is_set.load(Ordering::Relaxed) => {
                format!("{all}个孩子都收齐了，正在排版")
            }
            None if all == 0 => "正在开始".to_owned(),
            None => {
                let gathered = self.gathered.load(Ordering::Relaxed);
                format!("已经收了{gathered}个孩子，一共{all}个")
            }
        }
    }
}

/// All files that wait to be fetched, in bytes.
const MOST_WAITING: usize = 128 * 1024 * 1024;

/// Begins a print and leads to its page.
pub fn begin(app: &App, viewer: &Viewer, title: String, asked: Asked) -> Response {
    let job = Arc::new(Job::new(title, &asked, viewer));
    let name = app.memory.prints.keep(&viewer.staff_id, Arc::clone(&job));
    let (app, viewer) = (app.clone(), viewer.clone());
    tokio::spawn(async move {
        let end = match make_with(&app, &viewer, &asked, Some(&job)).await {
            Ok(made) => End::Done(Arc::new(made)),
            Err(failure) => End::Not(failure.told()),
        };
        job.ends(end);
        app.memory
            .prints
            .hold_within(MOST_WAITING, |job| job.size());
    });
    see_other(&format!("/print/jobs/{name}"))
}

#[derive(Template)]
#[template(path = "paper/job.html")]
struct JobPage {
    shell: Shell,
    name: String,
    title: String,
    said: String,
    gathered: usize,
    all: usize,
    /// The type is being set: how far it is nobody knows.
    is_set: bool,
    is_cancelled: bool,
    is_done: bool,
    is_over: bool,
}

fn job(app: &App, viewer: &Viewer, name: &str) -> Result<Arc<Job>> {
    let found = app.memory.prints.look(&viewer.staff_id, name);
    found.ok_or_else(|| {
        Failure::Asked("这一份放得太久，已经收走了。请在打印中心再做一份。".to_owned())
    })
}

/// `GET /print/jobs/{job}`
pub async fn one(State(app): State<App>, viewer: Viewer, Id(name): Id<String>) -> Result<Response> {
    let job = job(&app, &viewer, &name)?;
    let end = job.end();
    let mut response = page(&JobPage {
        shell: Shell::new(&app, &viewer, "打印中心", "/office"),
        title: job.title.clone(),
        said: job.said(),
        gathered: job.gathered.load(Ordering::Relaxed),
        all: job.all.load(Ordering::Relaxed),
        is_set: job.is_set.load(Ordering::Relaxed),
        is_cancelled: job.is_cancelled.load(Ordering::Relaxed),
        is_done: matches!(end, Some(End::Done(_))),
        is_over: end.is_some(),
        name,
    })?;
    if end.is_none() {
        let headers = response.headers_mut();
        headers.insert(header::REFRESH, HeaderValue::from_static("1"));
    }
    Ok(response)
}

/// A child whom the viewer has lost meanwhile is in no file that is handed over.
async fn still_reached(app: &App, viewer: &Viewer, children: &[ChildId]) -> Result<()> {
    let mut conn = app.db.read().await?;
    for id in children {
        if children::visible(&mut conn, viewer, Act::PrintCards, id)
            .await
            .is_err()
        {
            return Err(Failure::Asked(
                "这一份里有现在不归您看的孩子，不能再取了。请在打印中心再做一份。".to_owned(),
            ));
        }
    }
    Ok(())
}

/// `GET /print/jobs/{job}/file`
pub async fn file(
    State(app): State<App>,
    viewer: Viewer,
    Id(name): Id<String>,
) -> Result<Response> {
    let job = job(&app, &viewer, &name)?;
    match job.end() {
        Some(End::Done(made)) => {
            still_reached(&app, &viewer, &made.children).await?;
            let bytes = made.bytes.clone();
            let name = match job.whom.as_str() {
                // A class or the school; how many children were chosen says nothing later.
                whom if job.is_named => format!("{}_{whom}", job.title),
                _ => job.title.clone(),
            };
            let said = (&*job.form, name.as_str(), job.output);
            pages::handed_over(bytes, said, viewer.today())
        }
        Some(End::Not(why)) => Err(Failure::Asked(why)),
        None => Ok(see_other(&format!("/print/jobs/{name}"))),
    }
}

/// `POST /print/jobs/{job}/cancel`
pub async fn cancel(
    State(app): State<App>,
    viewer: Viewer,
    Id(name): Id<String>,
) -> Result<Response> {
    let job = job(&app, &viewer, &name)?;
    job.is_cancelled.store(true, Ordering::Relaxed);
    Ok(see_other(&format!("/print/jobs/{name}")))
}
