//! A class's files: how many are complete, and whose are not.

use super::gaps::file_gaps;
use super::known::facts;
use super::sight::Sight;
use super::store;
use crate::App;
use crate::adoptions::store::{InForce, in_force};
use crate::children::case::cases;
use crate::children::classes::{ClassLink, choose};
use crate::children::store as children;
use crate::children::store::Child;
use crate::paper::lists::entry_lines;
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
    /// Of the whole school, class by class.
    by_class: Vec<Open>,
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
    let (mut classes, chosen) = choose(titles, fields.get("class"), "/dossiers");
    if !classes.is_empty() {
        let is_shown = fields.get("class") == EVERY_CLASS;
        if is_shown {
            let asked = (&*in_force, &*all);
            return of_school(&app, &mut conn, &viewer, asked, classes).await;
        }
        classes.push(of_all(is_shown));
    }
    let of_class: Vec<Child> = all
        .iter()
        .filter(|child| child.class_title() == chosen)
        .cloned()
        .collect();
    let of_class = children::told_apart(&viewer, &of_class);
    let asked = (&*in_force, of_class.as_slice());
    let Counted {
        open,
        complete,
        unscreened,
    } = counted(&mut conn, &viewer, asked).await?;
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
        by_class: Vec::new(),
    })
}

/// What stands for all classes in an address.
const EVERY_CLASS: &str = "all";

fn of_all(current: bool) -> ClassLink {
    ClassLink {
        title: "全校".to_owned(),
        href: format!("/dossiers?class={EVERY_CLASS}"),
        current,
    }
}

/// The files of some children who are counted: those that lack something, and those that do not.
struct Counted {
    open: Vec<Open>,
    complete: Vec<Open>,
    unscreened: usize,
}

async fn counted(
    conn: &mut crate::db::Conn,
    viewer: &Viewer,
    (in_force, children): (&InForce, &[Child]),
) -> Result<Counted> {
    let today = viewer.today();
    let found = cases(conn, &viewer.school_id, in_force, children, today).await?;
    let mut counted = Counted {
        open: Vec::new(),
        complete: Vec::new(),
        unscreened: 0,
    };
    for case in &found {
        let child = &case.child;
        counted.unscreened += usize::from(case.case.history.screened_on.is_none());
        if !case.case.is_counted() {
            continue;
        }
        let (row, is_complete) = file(conn, viewer, child, in_force).await?;
        if is_complete {
            counted.complete.push(row);
        } else {
            counted.open.push(row);
        }
    }
    Ok(counted)
}

/// 全校的建档率: two counts, then class by class; the names stand in the class.
async fn of_school(
    app: &App,
    conn: &mut crate::db::Conn,
    viewer: &Viewer,
    (in_force, children): (&InForce, &[Child]),
    classes: Vec<ClassLink>,
) -> Result<Response> {
    let (mut by_class, mut all, mut complete, mut unscreened) = (Vec::new(), 0, 0, 0);
    let mut links = Vec::with_capacity(classes.len() + 1);
    for mut link in classes {
        let own = children.iter();
        let own = own.filter(|child| child.class_title() == link.title);
        let own: Vec<Child> = own.cloned().collect();
        let found = counted(conn, viewer, (in_force, &own)).await?;
        let here = found.open.len() + found.complete.len();
        all += here;
        complete += found.complete.len();
        unscreened += found.unscreened;
        if here > 0 {
            by_class.push(Open {
                name: link.title.clone(),
                href: link.href.clone(),
                said: format!("{here}个孩子，{}份齐了", found.complete.len()),
                chip: match found.open.len() {
                    0 => String::new(),
                    open => format!("还差{open}份"),
                },
            });
        }
        link.current = false;
        links.push(link);
    }
    links.push(of_all(true));
    page(&WholePage {
        shell: Shell::new(app, viewer, "档案", "/children"),
        headline: headline(all, complete),
        classes: links,
        unscreened,
        may_ask: viewer.ever(Act::EditDossier),
        open: Vec::new(),
        complete: Vec::new(),
        terms: Vec::new(),
        class: String::new(),
        by_class,
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
    let gaps = file_gaps(&sight.counted(), &facts, &entries);
    let first = gaps.missing.iter().find_map(|one| {
        let form = forms.iter().find(|form| form.id == one.form)?;
        if one.field.is_empty() {
            return Some(form.title.clone());
        }
        let field = form.field(&one.field)?;
        Some(format!("{}里的“{}”", form.title, field.title))
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
        0 => "没有要建档的孩子".to_owned(),
        all if all == complete => format!("{all}个孩子，档案都齐了"),
        all => format!("{all}个孩子，{complete}份档案齐了"),
    }
}
