//! A class's files: how many are complete, and whose are not.

use super::known::facts;
use super::pages::file_gaps;
use super::sight::Sight;
use super::store;
use crate::App;
use crate::adoptions::store::{InForce, in_force};
use crate::children::case::cases;
use crate::children::classes::{ClassLink, choose};
use crate::children::store as children;
use crate::children::store::Child;
use crate::paper::sheets::entry_lines;
use crate::school;
use crate::web::{Form, Result, Shell, Viewer, page};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use rules::access::Act;
use rules::completeness::this_term;

struct Open {
    name: String,
    href: String,
    said: String,
    chip: String,
}

#[derive(Template)]
#[template(path = "dossier/whole.html")]
struct WholePage {
    shell: Shell,
    classes: Vec<ClassLink>,
    headline: String,
    unscreened: usize,
    may_ask: bool,
    open: Vec<Open>,
    complete: Vec<Open>,
    terms: Vec<TermForm>,
    /// The class that is shown, for its slips.
    class: String,
}

/// A form that is asked for each term, and those of the class who have none of this term yet.
struct TermForm {
    id: String,
    title: String,
    there: usize,
    all: usize,
    missing: Vec<Open>,
}

async fn term_forms(
    app: &App,
    conn: &mut crate::db::Conn,
    viewer: &Viewer,
    (in_force, children): (&InForce, &[Child]),
) -> Result<Vec<TermForm>> {
    let calendar = school::store::calendar(app, conn, &viewer.school_id).await?;
    let from = this_term(&calendar, viewer.today()).to_string();
    let mut found = Vec::new();
    for form in in_force
        .forms
        .iter()
        .filter(|form| form.each_term && !form.retired)
    {
        let mut missing = Vec::new();
        for child in children {
            let key = children::key(conn, viewer, child).await?;
            let entries = store::entries(conn, viewer, child, &key, &form.id).await?;
            let days = entry_lines(form, entries.iter());
            if !days.iter().any(|line| line.day >= from) {
                missing.push(Open {
                    name: child.name.clone(),
                    href: format!("/children/{}/dossier/{}", child.id, form.id),
                    said: String::new(),
                    chip: String::new(),
                });
            }
        }
        found.push(TermForm {
            id: form.id.clone(),
            title: form.title.clone(),
            there: children.len() - missing.len(),
            all: children.len(),
            missing,
        });
    }
    Ok(found)
}

/// `GET /dossiers?class=`: 建档率 as two counts, with the names behind the gap.
pub async fn whole(State(app): State<App>, viewer: Viewer, Form(fields): Form) -> Result<Response> {
    let mut conn = app.db.read().await?;
    let all = children::all_visible(&app, &mut conn, &viewer, Act::ReadIdentity).await?;
    let in_force = in_force(&app, &mut conn, &viewer.school_id, viewer.today()).await?;
    let titles = all.iter().map(Child::class_title).collect();
    let (classes, chosen) = choose(titles, fields.get("class"), "/dossiers");
    let of_class: Vec<Child> = all
        .iter()
        .filter(|child| child.class_title() == chosen)
        .cloned()
        .collect();
    let found = cases(
        &mut conn,
        &viewer.school_id,
        &in_force,
        &of_class,
        viewer.today(),
    )
    .await?;
    let (mut open, mut complete, mut unscreened) = (Vec::new(), Vec::new(), 0);
    for case in &found {
        let child = &case.child;
        unscreened += usize::from(case.case.history.screened_on.is_none());
        if !case.case.is_counted() {
            continue;
        }
        let (row, is_complete) = file(&mut conn, &viewer, child, &in_force).await?;
        if is_complete {
            complete.push(row);
        } else {
            open.push(row);
        }
    }
    let asked = (&*in_force, of_class.as_slice());
    let terms = term_forms(&app, &mut conn, &viewer, asked).await?;
    drop(conn);
    page(&WholePage {
        shell: Shell::new(&app, &viewer, "档案", "/children"),
        headline: headline(open.len() + complete.len(), complete.len()),
        classes,
        unscreened,
        may_ask: viewer.ever(Act::EditDossier),
        open,
        complete,
        terms,
        class: chosen,
    })
}

/// One child's line, and whether its file is complete.
async fn file(
    conn: &mut crate::db::Conn,
    viewer: &Viewer,
    child: &Child,
    in_force: &InForce,
) -> Result<(Open, bool)> {
    let key = children::key(conn, viewer, child).await?;
    let facts = facts(conn, viewer, child, &key).await?;
    let entries = store::entries(conn, viewer, child, &key, "").await?;
    let sight = Sight {
        viewer,
        child,
        in_force,
    };
    let forms = sight.forms();
    let gaps = file_gaps(&forms, &facts, &entries);
    let first = gaps.missing.first().and_then(|one| {
        let form = forms.iter().find(|form| form.id == one.form)?;
        let field = form.field(&one.field).map(|field| &field.title);
        Some(match field {
            Some(field) => format!("{}里的“{field}”", form.title),
            None => form.title.clone(),
        })
    });
    let row = Open {
        name: child.name.clone(),
        href: format!("/children/{}/dossier", child.id),
        said: first.map_or(String::new(), |first| format!("先补：{first}")),
        chip: format!("还缺{}项", gaps.missing.len()),
    };
    Ok((row, gaps.is_complete()))
}

fn headline(all: usize, complete: usize) -> String {
    match all {
        0 => "这个班没有要建档的孩子".to_owned(),
        all if all == complete => format!("{all}个孩子，档案都齐了"),
        all => format!("{all}个孩子，{complete}份档案齐了"),
    }
}
