//! How a duty is spoken of: the child first, then what to do.

use super::items::{Item, State};
use crate::adoptions::store::{InForce, base};
use crate::children::case::Case;
use crate::children::store::{is_asked_for, kin_word};
use crate::packs::sentence;
use crate::web::words;
use jiff::civil::Date;
use rules::attention::Attention;
use rules::cadence::Standing;
use rules::duties::{Obligation, Party};
use rules::facts::Fact;
use rules::history::Parent;

/// The grown-up whom a call or a visit is meant for.
pub fn kin_of(case: &Case, party: Party) -> Option<&crate::children::case::KinBrief> {
    let of = |wanted: &str| {
        let own = case.kin.iter().filter(|kin| kin.party == wanted);
        let history = &case.case.history;
        let there = own.filter_map(|kin| match Parent::from_code(&kin.kinship) {
            Some(parent) if wanted == "parent" => Some((history.answers(parent, case.as_of)?, kin)),
            _ => Some((0, kin)),
        });
        // Who is away is the one to call, and of two the one whose number is good.
        let best = there.min_by_key(|(rank, kin)| (*rank, kin.phone_state != "good"));
        best.map(|(_, kin)| kin)
    };
    match party {
        Party::Parent => of("parent"),
        Party::Carer | Party::Relative | Party::Host => of("carer").or_else(|| of("relative")),
        Party::Family => of("carer").or_else(|| of("parent")),
        Party::Child | Party::Village | Party::Other => None,
    }
}

/// 给张小明妈妈打电话
pub fn title(in_force: &InForce, case: &Case, obligation: &Obligation) -> String {
    let name = &case.child.name;
    let kin = kin_of(case, obligation.party).map(|kin| kin_word(&kin.kinship));
    let what =
        said_of(in_force, &obligation.does).map_or_else(String::new, |one| format!("（{one}）"));
    let act = match base(&obligation.does) {
        "talk" => format!("和{name}聊聊"),
        "call" => match kin {
            Some(kin) => format!("给{name}{kin}打电话"),
            None => format!("给{name}家里打电话"),
        },
        "home_visit" => format!("去{name}家里看看"),
        "family_call" => format!("帮{name}和爸妈通个话"),
        "letter" => format!("请{name}给爸妈写封信"),
        "symposium" => format!("请{name}一家来坐坐"),
        kind => {
            let form = in_force.form(kind).map_or("", |form| form.title.as_str());
            format!("{name}：{form}")
        }
    };
    act + &what
}

/// 集体家访, where a duty asks for one kind of visit.
fn said_of<'a>(in_force: &'a InForce, does: &str) -> Option<&'a str> {
    let form = base(does);
    let (_, option) = in_force.form(form)?.sub_kind(does)?;
    // That a call should be answered goes without saying.
    Some(option.title.as_str()).filter(|_| form != "call")
}

/// 这周还没聊的9个孩子
pub fn folded_title(in_force: &InForce, item: &Item, many: usize) -> String {
    if item.obligation.due.standing == Standing::Met {
        let form = in_force.form(base(&item.obligation.does));
        return format!(
            "{}，{many}个孩子",
            form.map_or("", |form| form.title.as_str())
        );
    }
    let lead = match item.state {
        State::Past => "好久没",
        _ if is_of_this_week(item) => "这周还没",
        _ => "还没",
    };
    let what = said_of(in_force, &item.obligation.does);
    let what = what.map_or_else(String::new, |one| format!("{one}："));
    let act = match (base(&item.obligation.does), item.obligation.party) {
        ("talk", _) => format!("{lead}聊的{many}个孩子"),
        ("call", Party::Parent) => format!("{lead}给爸妈打电话的{many}个孩子"),
        ("call", _) => format!("{lead}给照看人打电话的{many}个孩子"),
        ("home_visit", _) => format!("还没去家里看的{many}个孩子"),
        ("family_call", _) => format!("{lead}和爸妈通话的{many}个孩子"),
        ("letter", _) => format!("还没给爸妈写信的{many}个孩子"),
        (kind, _) => {
            let form = in_force.form(kind).map_or("", |form| form.title.as_str());
            format!("{form}：还有{many}个孩子")
        }
    };
    what + &act
}

fn is_of_this_week(item: &Item) -> bool {
    let standing = &item.obligation.due.standing;
    matches!(standing, Standing::Today | Standing::ThisWeek { .. })
}

/// What is done, without the child: 谈心.
pub fn act(in_force: &InForce, does: &str) -> String {
    match base(does) {
        "talk" => "谈心".to_owned(),
        "call" => "打电话".to_owned(),
        "home_visit" => "家访".to_owned(),
        "family_call" => "和爸妈通话".to_owned(),
        "letter" => "写信".to_owned(),
        "symposium" => "座谈".to_owned(),
        kind => in_force
            .form(kind)
            .map_or_else(String::new, |form| form.title.clone()),
    }
}

pub fn glyph(in_force: &InForce, kind: &str) -> String {
    in_force
        .form(kind)
        .and_then(|form| form.glyph)
        .map_or_else(|| "事".to_owned(), String::from)
}

/// 计划四：每周一聊，每周一次
pub fn reason(in_force: &InForce, obligation: &Obligation) -> String {
    let mut duties = in_force.duties();
    let own = duties.find(|one| one.duty.policy == obligation.policy);
    let pack = in_force.pack_title(&obligation.policy.pack);
    // 计划四：每周一聊 is known by its first half.
    let pack = pack.split('：').next().unwrap_or(pack);
    own.map_or_else(String::new, |duty| {
        format!("{pack}，{}", crate::packs::attempt::cadence_of(&duty.duty))
    })
}

/// 上次9月14日，她18:30后有空
pub fn subtitle(case: &Case, obligation: &Obligation, today: Date) -> String {
    let mut said = words::last_time(obligation.last_on, today);
    let free = kin_of(case, obligation.party).and_then(|kin| kin.free_after.clone());
    if let Some(free) = free.filter(|_| base(&obligation.does) == "call") {
        said.push('，');
        said.push_str(&free);
    }
    said
}

/// 已过2天, 今天到期, 周五前, 10月3日
pub fn chip(obligation: &Obligation, today: Date) -> (String, &'static str) {
    let due_on = obligation.due.due_on.unwrap_or(today);
    match obligation.due.standing {
        Standing::Past { days } => (format!("已过{days}天"), "past"),
        Standing::Today => ("今天到期".to_owned(), "due"),
        Standing::ThisWeek { .. } => (format!("{}前", words::weekday(due_on)), "due"),
        Standing::Soon { .. } | Standing::Later { .. } => {
            let day = words::day(due_on, today);
            (format!("{day} {}", words::weekday(due_on)), "soon")
        }
        Standing::Met => ("做好了".to_owned(), "done"),
        Standing::Paused { .. } | Standing::NotNow => ("先歇着".to_owned(), "plain"),
        Standing::LastOnly => (String::new(), "plain"),
    }
}

/// The policy that made it, how often, and why this child.
pub fn why(in_force: &InForce, obligation: &Obligation, today: Date) -> String {
    let duty = in_force
        .duties()
        .find(|one| one.duty.policy == obligation.policy);
    let Some(duty) = duty else {
        return String::new();
    };
    let pack = in_force.pack_title(&obligation.policy.pack);
    let cadence = crate::packs::attempt::cadence_of(&duty.duty);
    let last = match obligation.last_on {
        Some(on) if on == today => "今天刚记过".to_owned(),
        Some(on) => format!("上次{}", words::day(on, today)),
        None => "还没有记过".to_owned(),
    };
    let because = sentence::why(&obligation.because);
    let because = if because.is_empty() {
        String::new()
    } else {
        format!("{because}。")
    };
    format!("《{pack}》{}：{cadence}，{last}。{because}", duty.title)
}

/// 王奶奶的电话两次没接通
pub fn look(case: &Case, why: &Attention) -> (String, String, &'static str) {
    let name = &case.child.name;
    match why {
        Attention::LivesAlone { age } => (
            match age {
                0 => format!("{name}自己一个人住"),
                age => format!("{name}才{age}岁，自己一个人住"),
            },
            "不满16岁不能自己过。请爸妈马上定下谁照看，定下了在“家里的情况”里记".to_owned(),
            "看看",
        ),
        Attention::NobodyRaises => (
            format!("{name}的爸妈都照看不了"),
            "请和学校、村里商量谁照看，建好档案，写一份支持方案".to_owned(),
            "看看",
        ),
        Attention::CarerIsAChild { age } => (
            format!("照看{name}的人才{age}岁"),
            "看看能不能请大人来搭把手".to_owned(),
            "核对",
        ),
        Attention::CheckCard { number, unanswered } => (
            match case.kin.get(*number) {
                Some(kin) => {
                    let word = kin_word(&kin.kinship);
                    format!("{name}{word}的电话{unanswered}次没接通")
                }
                None => format!("{name}家的电话{unanswered}次没接通"),
            },
            "核对一下联系卡？".to_owned(),
            "核对",
        ),
        Attention::NumberDead => (
            match case.kin.iter().find(|kin| is_asked_for(&kin.phone_state)) {
                Some(kin) if kin.phone_state == "dead" => {
                    format!("{name}{}的号码打不通了", kin_word(&kin.kinship))
                }
                Some(kin) => format!("{name}{}的号码不对", kin_word(&kin.kinship)),
                None => format!("{name}家有个号码打不通了"),
            },
            "下次和家里人说话，问问新号码".to_owned(),
            "核对",
        ),
        Attention::CardTold => (
            format!("{name}家里说联系卡有变动"),
            "照着家里的核对单，把联系卡改过来".to_owned(),
            "核对",
        ),
        Attention::ParentSilent { days } => (
            format!("{name}和爸妈{days}天没联系了"),
            "帮孩子打个电话？".to_owned(),
            "看看",
        ),
        Attention::Ask { missing } => (format!("{name}家里的情况想问一问"), asked(missing), "问问"),
    }
}

fn asked(missing: &[Fact]) -> String {
    let words: Vec<&str> = missing.iter().map(|fact| fact.zh()).collect();
    format!("还不知道：{}", words.join("、"))
}
