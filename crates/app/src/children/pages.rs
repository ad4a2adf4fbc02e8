//! 孩子: the list with its search box, and the child's page.

use super::case::{Case, cases};
use super::change::note_read;
use super::search;
use super::store::{self, Child, Kin, kin_word};
use crate::App;
use crate::adoptions::store::{InForce, in_force};
use crate::db::Conn;
use crate::home::forms::Whereabouts;
use crate::ids::ChildId;
use crate::journal::Kind;
use crate::moves;
use crate::packs::Tier;
use crate::records::said::said;
use crate::records::store as records;
use crate::records::tiers::Reader;
use crate::school;
use crate::vault::Key;
use crate::web::{Fields, Form, Id, Result, Shell, Viewer, page, words};
use crate::week::{items, wording};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use jiff::civil::Date;
use rules::access::Act;
use rules::attention::{Closeness, closeness};
use rules::cadence::Standing;
use rules::calendar::Calendar;
use rules::history::{Parent, ParentState};

struct ClassGroup {
    id: String,
    title: String,
    count: usize,
    /// Only of a class that stands open.
    children: Vec<Child>,
}

/// So many classes stand open with their names; where there are more, each has its own page.
const OPEN_CLASSES: usize = 2;

fn grouped(viewer: &Viewer, children: &[Child], wanted: Option<&str>) -> Vec<ClassGroup> {
    let mut groups: Vec<ClassGroup> = Vec::new();
    for child in children {
        let id = child.class_id.as_str();
        if wanted.is_some_and(|wanted| wanted != id) {
            continue;
        }
        match groups.last_mut().filter(|group| group.id == id) {
            Some(group) => group.count += 1,
            None => groups.push(ClassGroup {
                id: id.to_owned(),
                title: child.class_title(),
                count: 1,
                children: Vec::new(),
            }),
        }
    }
    if groups.len() <= OPEN_CLASSES {
        for group in &mut groups {
            let own = |child: &&Child| child.class_id.as_str() == group.id;
            let own: Vec<Child> = children.iter().filter(own).cloned().collect();
            group.children = store::told_apart(viewer, &own);
        }
    }
    groups
}

#[derive(Template)]
#[template(path = "children/list.html")]
struct ListPage {
    shell: Shell,
    query: String,
    hits: Vec<search::Hit>,
    groups: Vec<ClassGroup>,
    total: usize,
    may_gaps: bool,
    may_import: bool,
    may_print: bool,
    no_pair: bool,
}

/// `GET /children?q=`
pub async fn list(State(app): State<App>, viewer: Viewer, Form(fields): Form) -> Result<Response> {
    let query = fields.get("q").to_owned();
    let mut conn = app.db.read().await?;
    let hits = search::rows(search::hits(&app, &mut conn, &viewer, &query).await?);
    let groups = if query.is_empty() {
        let children = store::all_visible(&app, &mut conn, &viewer, Act::SeeChild).await?;
        grouped(&viewer, &children, fields.opt("class"))
    } else {
        Vec::new()
    };
    let total = groups.iter().map(|group| group.count).sum();
    page(&ListPage {
        shell: Shell::new(&app, &viewer, "孩子", "/children").with_done(&fields, "/children"),
        query,
        hits,
        groups,
        total,
        may_gaps: viewer.ever(Act::SeeGaps),
        may_import: viewer.ever(Act::ImportRoster),
        may_print: viewer.ever(Act::PrintCards),
        no_pair: viewer.has_only_pairs(),
    })
}

/// A row of the timeline.
struct Entry {
    id: String,
    glyph: String,
    title: String,
    note: Option<String>,
    when: String,
    amended: bool,
    mine: bool,
    hidden: bool,
}

/// One week of the term: how often somebody was in touch.
struct WeekCell {
    number: usize,
    count: usize,
    heat: usize,
    off: bool,
}

/// A duty on the child's page.
struct DutyRow {
    title: String,
    chip: String,
    tint: &'static str,
    why: String,
}

#[derive(Template)]
#[template(path = "children/one.html")]
struct ChildPage {
    shell: Shell,
    child: Child,
    about: String,
    /// 照常, 多陪陪, 有支持方案; and its tint.
    standing: (&'static str, &'static str),
    weeks: Vec<Vec<WeekCell>>,
    weeks_said: String,
    entries: Vec<Entry>,
    more: Option<String>,
    filters: Vec<Filter>,
    remembered: Vec<String>,
    duties: Vec<DutyRow>,
    counted: Vec<DutyRow>,
    kin: Vec<KinRow>,
    /// 9月26日转到红星小学
    left: Option<String>,
    /// The counsellor is there for the child.
    counselled: bool,
    may: May,
}

/// What the viewer may do about this child: which doors are drawn.
#[derive(Clone, Copy)]
struct May {
    write: bool,
    dial: bool,
    call: bool,
    read: bool,
    pair: bool,
    moves: bool,
    file: bool,
    counsel: bool,
}

impl May {
    fn of(viewer: &Viewer, child: &Child) -> Self {
        let may = |act| child.allows(viewer, act);
        let is_here = !child.has_left(viewer.today());
        Self {
            write: may(Act::WriteRecord) && is_here,
            dial: may(Act::SeeContacts) && is_here,
            call: may(Act::SeeContacts),
            read: may(Act::ReadRecords),
            pair: may(Act::Pair),
            moves: may(Act::ImportRoster),
            file: may(Act::OpenDossier),
            counsel: may(Act::ReadCounselling) && is_here,
        }
    }
}

struct Filter {
    title: String,
    href: String,
    current: bool,
}

struct KinRow {
    word: String,
    name: String,
    phone: Option<String>,
    work: Option<String>,
}

const PAGE: i64 = 20;

/// `GET /children/{child_id}`
pub async fn one(
    State(app): State<App>,
    viewer: Viewer,
    Id(child_id): Id<ChildId>,
    Form(fields): Form,
) -> Result<Response> {
    let mut conn = app.db.read().await?;
    let child = store::visible(&mut conn, &viewer, Act::SeeChild, &child_id).await?;
    let may = May::of(&viewer, &child);
    let key = store::key(&mut conn, &viewer, &child).await?;
    let in_force = in_force(&app, &mut conn, &viewer.school_id, viewer.today()).await?;
    let calendar = school::store::calendar(&app, &mut conn, &viewer.school_id).await?;
    let own = std::slice::from_ref(&child);
    let found = cases(&mut conn, &viewer.school_id, &in_force, own, viewer.today()).await?;
    let left = left(&mut conn, &viewer, (&child, &key)).await?;
    let kind = fields.get("kind");
    let reader = Reader {
        viewer: &viewer,
        child: &child,
        in_force: &in_force,
    };
    let Told { kin, timeline } = told(&mut conn, reader, &key, (may, &fields)).await?;
    let whose = whose(&mut conn, (&viewer, &child), (&kin, &timeline)).await?;
    drop(conn);
    if timeline.is_guarded() {
        note_read(&app, &viewer, Kind::GuardedRead, &child.id).await?;
    }
    let view = View {
        viewer: &viewer,
        in_force: &in_force,
        calendar: &calendar,
        case: found.first(),
        today: viewer.today(),
    };
    let back = format!("/children/{}", child.id);
    let (weeks, weeks_said) = view.weeks();
    let records::Timeline {
        records: timeline,
        next,
    } = timeline;
    page(&ChildPage {
        shell: Shell::new(&app, &viewer, "孩子", "/children").with_done(&fields, &back),
        about: view.about(&child, &kin),
        standing: view.standing(),
        weeks,
        weeks_said,
        remembered: view.remembered(&timeline),
        entries: timeline
            .iter()
            .map(|record| view.entry(record, &whose))
            .collect(),
        more: next.map(|next| format!("{back}?kind={kind}&before={next}#timeline")),
        filters: view.filters(&back, kind),
        duties: view.duties(may.dial),
        counted: view.counted(may.call && !child.has_left(viewer.today())),
        kin: kin.iter().map(|kin| view.kin_row(kin)).collect(),
        counselled: view.is_counselled(),
        left,
        may,
        child,
    })
}

/// How the child went, if it has.
async fn left(
    conn: &mut Conn,
    viewer: &Viewer,
    (child, key): (&Child, &Key),
) -> Result<Option<String>> {
    if child.left_on.is_none() {
        return Ok(None);
    }
    let leaving = moves::store::leaving(conn, viewer, child, key).await?;
    Ok(leaving.map(|leaving| moves::pages::said(&leaving, viewer.today())))
}

/// What may be done about the child, and what has been written, for the page.
struct Told {
    kin: Vec<Kin>,
    timeline: records::Timeline,
}

async fn told(
    conn: &mut Conn,
    reader: Reader<'_>,
    key: &Key,
    (may, fields): (May, &Fields),
) -> Result<Told> {
    let mut told = Told {
        kin: Vec::new(),
        timeline: records::Timeline::default(),
    };
    if may.call {
        told.kin = store::kin(conn, reader.viewer, reader.child, key).await?;
    }
    if may.read {
        let asked = (fields.get("kind"), fields.get("before"), PAGE);
        told.timeline = records::timeline(conn, reader, key, asked).await?;
    }
    Ok(told)
}

/// The word for each grown-up whom the records name: of the card as it was only where it is asked for.
async fn whose(
    conn: &mut crate::db::Conn,
    (viewer, child): (&Viewer, &Child),
    (kin, timeline): (&[Kin], &records::Timeline),
) -> Result<Vec<(String, String)>> {
    let now: Vec<(String, String)> = kin
        .iter()
        .map(|kin| (kin.id.to_string(), kin.word()))
        .collect();
    let named = timeline
        .records
        .iter()
        .filter_map(|one| one.kin_id.as_ref());
    let is_known = |id: &String| now.iter().any(|(own, _)| own == id);
    match named.into_iter().all(is_known) {
        true => Ok(now),
        false => store::kin_words(conn, viewer, child).await,
    }
}

/// What the child's page is drawn from.
struct View<'a> {
    viewer: &'a Viewer,
    in_force: &'a InForce,
    calendar: &'a Calendar,
    case: Option<&'a Case>,
    today: Date,
}

impl View<'_> {
    fn is_counselled(&self) -> bool {
        let history = self.case.map(|case| &case.case.history);
        history.is_some_and(|history| history.counselling_needed == Some(true))
    }

    /// Who has died is named without a number, who is in prison, too.
    fn kin_row(&self, kin: &Kin) -> KinRow {
        let parent = Parent::from_code(&kin.kinship).filter(|_| kin.party == "parent");
        let case = self.case.zip(parent);
        let state = case.and_then(|(case, parent)| case.case.history.state_on(parent, self.today));
        let is_reached = !matches!(state, Some(ParentState::Dead | ParentState::Imprisoned));
        let is_there = is_reached && state != Some(ParentState::Missing);
        KinRow {
            word: kin.word(),
            name: kin.details.name.clone(),
            phone: match state {
                Some(ParentState::Dead) => Some(Whereabouts::Dead.word().to_owned()),
                _ => kin.masked_phones().filter(|_| is_reached),
            },
            work: kin.details.work_place.clone().filter(|_| is_there),
        }
    }

    /// 五（2）班，10岁，住校，奶奶照看。
    fn about(&self, child: &Child, kin: &[Kin]) -> String {
        let mut parts = vec![child.class_title()];
        parts.extend(child.age(self.today).map(|age| format!("{age}岁")));
        parts.extend(
            child
                .boarding
                .map(|yes| if yes { "住校" } else { "走读" }.to_owned()),
        );
        let carer = self
            .case
            .and_then(|case| case.kin.iter().find(|kin| kin.party == "carer"));
        let is_alone = self
            .case
            .is_some_and(|case| case.case.history.lives_alone(self.today));
        parts.extend(match carer {
            _ if is_alone => Some("自己一个人住".to_owned()),
            carer => carer.map(|kin| format!("{}照看", kin_word(&kin.kinship))),
        });
        let away: Vec<String> = kin
            .iter()
            .filter(|kin| kin.party == "parent")
            .filter(|kin| match (self.case, Parent::from_code(&kin.kinship)) {
                (Some(case), Some(parent)) => case.case.history.may_be_away(parent, self.today),
                _ => true,
            })
            .filter_map(|kin| {
                let place = kin.details.work_place.as_deref()?;
                let place = place.trim_end_matches("务工");
                (!place.starts_with("在家")).then(|| format!("{}在{place}", kin.word()))
            })
            .collect();
        let about = parts.join("，");
        if away.is_empty() {
            about
        } else {
            format!("{about}。{}", away.join("，"))
        }
    }

    /// 照常, 多陪陪, 有支持方案.
    fn standing(&self) -> (&'static str, &'static str) {
        let usual = ("照常", "plain");
        let Some(case) = self.case else {
            return usual;
        };
        match closeness(&case.case.history) {
            Closeness::Usual => usual,
            Closeness::Closer => ("多陪陪", "warm"),
            Closeness::Planned => ("有支持方案", "info"),
        }
    }

    /// 2 × 10 weeks of this term.
    fn weeks(&self) -> (Vec<Vec<WeekCell>>, String) {
        let Some(case) = self.case else {
            return (Vec::new(), String::new());
        };
        let days: Vec<Date> = case.contacts(self.in_force).collect();
        let weeks = self.calendar.term_weeks(self.today);
        let mut cells: Vec<WeekCell> = weeks
            .iter()
            .zip(1..)
            .map(|(week, number)| {
                let count = days.iter().filter(|day| week.holds(**day)).count();
                WeekCell {
                    number,
                    count,
                    heat: count.min(4),
                    off: !self.calendar.has_school_day(*week),
                }
            })
            .collect();
        let total: usize = cells.iter().map(|cell| cell.count).sum();
        let said = format!("每格一周，数字是那周联系的次数，这学期共{total}次");
        let mut rows = Vec::new();
        while !cells.is_empty() {
            let rest = cells.split_off(cells.len().min(10));
            rows.push(std::mem::replace(&mut cells, rest));
        }
        (rows, said)
    }

    fn entry(&self, record: &records::Record, kin: &[(String, String)]) -> Entry {
        if record.hidden {
            return self.guarded_entry(record);
        }
        let (mut title, note) = said(self.in_force, record);
        let whose = record.kin_id.as_deref();
        // Whose number it was says which one nobody answers, also where the card has changed since.
        if let Some((_, word)) = whose.and_then(|id| kin.iter().find(|(own, _)| own == id)) {
            title = format!("{word}，{title}");
        }
        let form = self.in_force.form(&record.kind);
        let day = words::past_day(record.happened_on, self.today);
        let written = crate::clock::day_of(&record.written_at);
        let later = written.filter(|on| *on > record.happened_on && *on <= self.today);
        let later = later.map_or(String::new(), |on| {
            format!("，{}补记", words::day(on, self.today))
        });
        Entry {
            id: record.id.to_string(),
            glyph: form
                .and_then(|form| form.glyph)
                .map_or_else(|| "事".to_owned(), String::from),
            title,
            note,
            when: format!("{day}，{}{later}", words::teacher(&record.by_name)),
            amended: record.version > 1,
            mine: record.by_staff == self.viewer.staff_id.as_str(),
            hidden: false,
        }
    }

    /// 受保护: who wrote it and when, and not what.
    fn guarded_entry(&self, record: &records::Record) -> Entry {
        let teacher = words::teacher(&record.by_name);
        let day = words::past_day(record.happened_on, self.today);
        Entry {
            id: record.id.to_string(),
            glyph: "护".to_owned(),
            title: format!("为保护孩子的隐私，这条由{teacher}记录的内容未显示"),
            note: None,
            when: day,
            amended: false,
            mine: false,
            hidden: true,
        }
    }

    fn filters(&self, back: &str, kind: &str) -> Vec<Filter> {
        let mut filters = vec![Filter {
            title: "全部".to_owned(),
            href: back.to_owned(),
            current: kind.is_empty(),
        }];
        let forms = self
            .in_force
            .forms
            .iter()
            .filter(|form| form.glyph.is_some() && form.tier <= Tier::C2)
            .filter(|form| self.has_kept(&form.id));
        filters.extend(forms.map(|form| Filter {
            title: form.glyph.map(String::from).unwrap_or_default(),
            href: format!("{back}?kind={}#timeline", form.id),
            current: kind == form.id,
        }));
        filters
    }

    fn has_kept(&self, kind: &str) -> bool {
        self.case.is_some_and(|case| {
            let own =
                |kept: &rules::duties::Kept| crate::adoptions::store::base(&kept.kind) == kind;
            case.case.kept.iter().any(own)
        })
    }

    /// 我们记得的: the good things of late, first.
    fn remembered(&self, timeline: &[records::Record]) -> Vec<String> {
        timeline
            .iter()
            .filter(|record| {
                let about = record
                    .filled
                    .get("topic")
                    .or_else(|| record.filled.get("about"));
                about.is_some_and(|about| crate::records::forms::chose(about, "good_news"))
            })
            .filter_map(|record| {
                let note = record.filled.get("note")?.as_str()?;
                Some(format!(
                    "{note}（{}）",
                    words::day(record.happened_on, self.today)
                ))
            })
            .take(2)
            .collect()
    }

    /// Why a duty is owed tells where the parents are: only to whom that may be told.
    fn duties(&self, may_tell: bool) -> Vec<DutyRow> {
        let Some(case) = self.case.filter(|_| may_tell) else {
            return Vec::new();
        };
        let (owed, _) = items::owed(self.in_force, case, self.calendar, self.today);
        owed.iter()
            .filter(|one| one.due.standing != Standing::NotNow)
            .map(|one| {
                let (chip, tint) = wording::chip(one, self.today);
                DutyRow {
                    title: self.in_force.duty_title(&one.policy).to_owned(),
                    chip,
                    tint,
                    why: wording::why(self.in_force, one, self.today),
                }
            })
            .collect()
    }

    /// What each definition says today, side by side, with its reason.
    fn counted(&self, may_tell: bool) -> Vec<DutyRow> {
        let Some(case) = self.case.filter(|_| may_tell) else {
            return Vec::new();
        };
        case.case
            .counted
            .iter()
            .map(|(policy, verdict)| {
                let (chip, tint, why) = crate::children::api::verdict_words(verdict);
                DutyRow {
                    title: self.in_force.rule_title(policy).to_owned(),
                    chip: chip.to_owned(),
                    tint,
                    why,
                }
            })
            .collect()
    }
}
