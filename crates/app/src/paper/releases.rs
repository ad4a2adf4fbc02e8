//! 印出去的: what left on paper or as a file, by whom and what for. Of children only how many.

use super::collect::shipped_forms;
use super::{CARD, CARD_SHEET, Output, Purpose, WHOLE};
use crate::App;
use crate::adoptions::store::{InForce, in_force};
use crate::db::{self, Conn};
use crate::web::{Form, Result, Shell, Viewer, page, words};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use jiff::civil::Date;
use std::collections::HashMap;
use std::sync::LazyLock;

db::row! {
    /// One print or file that was taken out.
    pub struct Released {
        pub id: String,
        template: String,
        subject: String,
        count: i64,
        by_name: String,
        made_at: String,
        purpose: String,
    }
}

/// What the forms of all plans that come with the program are called.
static SHIPPED: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    let all = shipped_forms().into_iter();
    all.map(|form| (form.id, form.title)).collect()
});

pub fn form_title<'a>(in_force: &'a InForce, form: &str) -> &'a str {
    match form {
        CARD | CARD_SHEET => "家校联系卡",
        WHOLE => "整本档案",
        "visit_sheet" => "走访单",
        form => in_force.form(form).map_or("", |form| &form.title),
    }
}

impl Released {
    /// The form, and what the sheet became.
    fn parts(&self) -> (&str, &str) {
        self.template
            .split_once('.')
            .unwrap_or((&self.template, ""))
    }

    pub fn form(&self) -> &str {
        self.parts().0
    }

    pub fn name<'a>(&self, in_force: &'a InForce) -> &'a str {
        form_title(in_force, self.form())
    }

    /// 空白成长的一笔，PDF
    pub fn title(&self, in_force: &InForce) -> String {
        let (_, rest) = self.parts();
        let is_blank = rest.starts_with("blank.");
        let blank = if is_blank { "空白" } else { "" };
        let output = rest.rsplit('.').next().and_then(Output::from_code);
        let output = output.map_or(String::new(), |output| format!("，{}", output.word()));
        let name = Some(self.name(in_force)).filter(|name| !name.is_empty());
        // Of a plan that is not used here, or of the school's own that is not there any more.
        let of_a_plan = || SHIPPED.get(self.form()).map(String::as_str);
        let name = name.or_else(of_a_plan).unwrap_or("以前用的表");
        format!("{blank}{name}{output}")
    }

    /// 9月30日10:20，五（2）班，12个孩子，学校存档
    pub fn said(&self, today: Date) -> String {
        let day = crate::clock::day_of(&self.made_at).map(|day| words::day(day, today));
        let time = crate::clock::time_of(&self.made_at).unwrap_or_default();
        let class = Some(self.subject.clone()).filter(|subject| subject.ends_with('班'));
        let many = (self.count > 0).then(|| format!("{}个孩子", self.count));
        let purpose = Purpose::from_code(&self.purpose).map(|one| one.title().to_owned());
        let when = format!("{}{time}", day.unwrap_or_default());
        let parts = [Some(when), class, many, purpose];
        parts.into_iter().flatten().collect::<Vec<_>>().join("，")
    }
}

/// The newest first; `by`: of one teacher alone, `before`: an id from which to go on.
pub async fn released(
    conn: &mut Conn,
    viewer: &Viewer,
    (by, before, limit): (&str, &str, i64),
) -> Result<Vec<Released>> {
    Ok(db::query_as(
        "select r.id, r.template, r.subject, r.count, t.name as by_name, r.made_at, r.purpose
         from release r join staff t on t.school_id = r.school_id and t.id = r.by_staff
         where r.school_id = $1 and ($2 = '' or r.by_staff = $2) and ($3 = '' or r.id < $3)
         order by r.id desc limit $4 + 0",
    )
    .bind(viewer.school_id.as_str())
    .bind(by)
    .bind(before)
    .bind(limit)
    .fetch_all(conn)
    .await?)
}

struct Line {
    title: String,
    said: String,
}

#[derive(Template)]
#[template(path = "paper/releases.html")]
struct ReleasesPage {
    shell: Shell,
    rows: Vec<Line>,
    more: Option<String>,
}

/// As many as stand on a page.
const AT_ONCE: i64 = 50;

/// `GET /office/releases?before=`
pub async fn list(State(app): State<App>, viewer: Viewer, Form(fields): Form) -> Result<Response> {
    let mut conn = app.db.read().await?;
    let in_force = in_force(&app, &mut conn, &viewer.school_id, viewer.today()).await?;
    let asked = ("", fields.get("before"), AT_ONCE);
    let found = released(&mut conn, &viewer, asked).await?;
    let is_full = i64::try_from(found.len()).is_ok_and(|many| many == AT_ONCE);
    let last = found.last().filter(|_| is_full);
    page(&ReleasesPage {
        shell: Shell::new(&app, &viewer, "印出去的", "/office"),
        more: last.map(|one| one.id.clone()),
        rows: found
            .iter()
            .map(|one| Line {
                title: one.title(&in_force),
                said: format!(
                    "{}，{}",
                    one.said(viewer.today()),
                    words::teacher(&one.by_name)
                ),
            })
            .collect(),
    })
}
