//! A form of a pack, with its fields and what it asks of them; and the dictionaries they draw on.

use super::part::{Part, listed};
use super::terms::word;
use super::{
    Answering, Consenting, Dictionary, Entry, Field, FieldKind, Form, FormKind, Head, KeepFrom,
    Known, Layout, NO, RequiredWhen, Retention, Suggest, Tier, YES, check,
};
use rules::consent::{Answer, Purpose};
use rules::duties::{Actor, Party};

pub(super) fn form(part: &Part<'_, '_>, head: &Head, dictionaries: &[Dictionary]) -> Option<Form> {
    let id = part.need_code("id");
    let extends = part.yes("extends").unwrap_or(false);
    let many = part.yes("many").unwrap_or(false);
    let source = part.need_text("source");
    let own = (!extends).then(|| own_form(part));
    let tier = own.as_ref().and_then(|own| own.tier).unwrap_or(Tier::C1);
    let fields: Vec<Field> = part
        .parts("field", "[[form.field]]")
        .iter()
        .filter_map(|inner| field(inner, tier, (head, dictionaries)))
        .collect();
    part.finish();
    let own = own.unwrap_or_default();
    let form = Form {
        id: id?,
        title: own.title.or(extends.then(String::new))?,
        formal_title: own.formal_title,
        source: source?,
        kind: own.kind.or(extends.then_some(FormKind::Record))?,
        party: own.party,
        glyph: own.glyph,
        duty_counts: own.duty_counts,
        quick: own.quick,
        whole_class: own.whole_class,
        signers: own.signers,
        kept_by: own.kept_by,
        purpose: own.purpose.or(extends.then(String::new))?,
        retention: own.retention,
        tier,
        fields,
        gone: Vec::new(),
        many,
        layout: own.layout.unwrap_or(Layout::List),
        nameless: own.nameless,
        retired: own.retired,
        school_only: own.school_only,
        each_term: own.each_term,
        after_leaving: own.after_leaving,
        day: own.day,
        day_ahead: own.day_ahead,
        only_counted: own.only_counted,
        answering: own.answering,
        consenting: own.consenting,
        confirming: own.confirming,
        needs_consent: own.needs_consent,
        unique: own.unique,
        sections: own.sections,
        closing: own.closing,
        pack: head.id.clone(),
        version: head.version.clone(),
        extends,
        line: part.line(),
    };
    days_fit(part, &form);
    conditions_fit(part, &form);
    consent_fits(part, &form);
    confirming_fits(part, &form);
    unique_fits(part, &form);
    Some(form)
}

/// What a form says that only adds fields to another one does not say.
#[derive(Default)]
struct OwnForm {
    title: Option<String>,
    formal_title: Option<String>,
    kind: Option<FormKind>,
    party: Option<Party>,
    glyph: Option<char>,
    duty_counts: bool,
    quick: bool,
    whole_class: bool,
    signers: Vec<Actor>,
    kept_by: Vec<Actor>,
    purpose: Option<String>,
    retention: Option<Retention>,
    tier: Option<Tier>,
    layout: Option<Layout>,
    nameless: bool,
    retired: bool,
    school_only: bool,
    each_term: bool,
    after_leaving: bool,
    day: Option<String>,
    day_ahead: bool,
    only_counted: bool,
    answering: Option<Answering>,
    consenting: Option<Consenting>,
    confirming: Option<String>,
    needs_consent: Option<Purpose>,
    unique: Vec<String>,
    sections: Vec<(String, String)>,
    closing: Option<String>,
}

fn own_form(part: &Part<'_, '_>) -> OwnForm {
    let own = OwnForm {
        title: part.need_text("title"),
        formal_title: part.text("formal_title"),
        kind: word!(part, need_word, "kind", FormKind),
        party: word!(part, word, "party", Party),
        glyph: glyph(part),
        duty_counts: part.yes("duty_counts").unwrap_or(true),
        quick: part.yes("quick").unwrap_or(false),
        whole_class: part.yes("whole_class").unwrap_or(false),
        signers: word!(part, words, "signers", Actor),
        kept_by: word!(part, words, "kept_by", Actor),
        purpose: part.need_text("purpose"),
        retention: retention(part),
        tier: word!(part, need_word, "tier", Tier),
        layout: word!(part, word, "layout", Layout),
        nameless: part.yes("nameless").unwrap_or(false),
        retired: part.yes("retired").unwrap_or(false),
        school_only: part.yes("school_only").unwrap_or(false),
        each_term: part.yes("each_term").unwrap_or(false),
        after_leaving: part.yes("after_leaving").unwrap_or(false),
        day: part.text("day"),
        day_ahead: part.yes("day_ahead").unwrap_or(false),
        only_counted: part.yes("only_counted").unwrap_or(false),
        answering: answering(part),
        consenting: consenting(part),
        confirming: part.text("confirming"),
        sections: sections(part),
        closing: part.text("closing"),
        needs_consent: word!(part, word, "needs_consent", Purpose),
        unique: part.texts("unique"),
    };
    if own.kind == Some(FormKind::Record) && !part.has("party") {
        part.fault("记录要写party：平常是和谁，例如party = \"child\"。".into());
    }
    if own.needs_consent.is_some() && own.kind == Some(FormKind::Register) {
        part.fault_at(
            "needs_consent",
            "needs_consent只用在写孩子的表上：登记簿里没有孩子，问不到家里。".into(),
        );
    }
    if own.whole_class && own.kind != Some(FormKind::Record) {
        part.fault_at(
            "whole_class",
            "whole_class只用在记录上（kind = \"record\"）。".into(),
        );
    }
    own
}

fn answering(part: &Part<'_, '_>) -> Option<Answering> {
    let inner = part.part("answering")?;
    let asked = inner.need_text("asked");
    let answered = inner.need_text("answered");
    let within_days = inner.number("within_days", 1..=365);
    if !inner.has("within_days") {
        inner.fault("answering里少了within_days：几天里要答复。".into());
    }
    let until_back = inner.yes("until_back").unwrap_or(false);
    inner.finish();
    Some(Answering {
        asked: asked?,
        answered: answered?,
        within_days: within_days?,
        until_back,
    })
}

/// What sections are called on paper, where that is not what they are called on the screen.
fn sections(part: &Part<'_, '_>) -> Vec<(String, String)> {
    let named = |inner: &Part<'_, '_>| {
        let title = inner.need_text("title");
        let formal = inner.need_text("formal_title");
        inner.finish();
        title.zip(formal)
    };
    let all = part.parts("sections", "小标题");
    all.iter().filter_map(named).collect()
}

fn consenting(part: &Part<'_, '_>) -> Option<Consenting> {
    let inner = part.part("consenting")?;
    let purpose = inner.need_text("purpose");
    let answer = inner.need_text("answer");
    inner.finish();
    if !part.has("day") {
        part.fault("写了consenting的表要有day：哪天说的，以最后一次为准。".into());
    }
    Some(Consenting {
        purpose: purpose?,
        answer: answer?,
    })
}

fn unknown_code(form: &Form, field: &str, known: &[&str]) -> Option<String> {
    let own = form.field(field)?;
    let strange = own
        .options
        .iter()
        .find(|one| !known.contains(&one.code.as_str()))?;
    Some(format!(
        "“{}”的选项“{}”不认识，可以写的有：{}。",
        own.title,
        strange.code,
        listed(known.iter().copied())
    ))
}

/// What was agreed to is decided by fixed words.
fn consent_fits(part: &Part<'_, '_>, form: &Form) {
    let Some(consenting) = &form.consenting else {
        return;
    };
    let purposes: Vec<&str> = Purpose::ALL.iter().map(|one| one.code()).collect();
    let answers: Vec<&str> = Answer::ALL.iter().map(|one| one.code()).collect();
    for (field, known) in [
        (&consenting.purpose, purposes),
        (&consenting.answer, answers),
    ] {
        if form.field(field).is_none() {
            part.fault(format!("“{}”里没有叫“{field}”的一项。", form.title));
        }
        if let Some(sentence) = unknown_code(form, field, &known) {
            part.fault(sentence);
        }
    }
}

/// Two entries of a register are told apart by these.
fn unique_fits(part: &Part<'_, '_>, form: &Form) {
    if !form.unique.is_empty() && form.kind != FormKind::Register {
        part.fault_at(
            "unique",
            "unique只用在登记簿上（kind = \"register\"）。".into(),
        );
    }
    for name in form.unique.iter().filter(|name| form.field(name).is_none()) {
        part.fault_at(
            "unique",
            format!("“{}”里没有叫“{name}”的一项。", form.title),
        );
    }
}

/// A slip on which a family confirms the contact card: whether anything is to be changed, and when.
fn confirming_fits(part: &Part<'_, '_>, form: &Form) {
    let Some(name) = &form.confirming else {
        return;
    };
    let is_yes_no = |field: &Field| field.kind == FieldKind::YesNo;
    let fits = form.kind == FormKind::Dossier && form.day.is_some();
    if !fits || !form.field(name).is_some_and(is_yes_no) {
        part.fault_at(
            "confirming",
            format!(
                "confirming写的是“有没有要改的”那一项（type = \"yes_no\"），只用在写了day的档案表上；“{}”不是这样。",
                form.title
            ),
        );
    }
}

/// The days that a form names are days among its own fields.
fn days_fit(part: &Part<'_, '_>, form: &Form) {
    let answering = form.answering.iter();
    let named = answering.flat_map(|one| [&one.asked, &one.answered]);
    for name in named.chain(&form.day) {
        let is_day = |field: &Field| field.kind == FieldKind::Date;
        if !form.field(name).is_some_and(is_day) {
            part.fault(format!(
                "“{}”里没有叫“{name}”的日期，请写它自己的一项type = \"date\"的内容。",
                form.title
            ));
        }
    }
    let is_day = |field: &Field| matches!(field.kind, FieldKind::Date | FieldKind::ApproxDate);
    for field in &form.fields {
        let Some(first) = &field.not_before else {
            continue;
        };
        let fits = is_day(field) && form.field(first).is_some_and(is_day) && *first != field.id;
        if !fits {
            part.fault(format!(
                "“{}”的not_before写的是同一张表里更早的那一天，两项都要是type = \"date\"或\"approx_date\"；“{first}”不是这样。",
                field.title
            ));
        }
    }
    let is_elsewhere = form.kind != FormKind::Dossier && !form.extends;
    for field in form.fields.iter().filter(|field| field.kind.is_offered()) {
        if is_elsewhere {
            part.fault(format!(
                "“{}”从孩子自己的照片或同班的孩子里选，只能写在档案里的表上（kind = \"dossier\"）。",
                field.title
            ));
        }
    }
}

/// What makes a field necessary is an answer that can be given.
fn conditions_fit(part: &Part<'_, '_>, form: &Form) {
    for field in &form.fields {
        let Some(when) = &field.required_when else {
            continue;
        };
        let asked = form.field(&when.field);
        let has = |code: &str| match asked {
            Some(asked) if asked.kind == FieldKind::YesNo => [YES, NO].contains(&code),
            Some(asked) => asked.options.iter().any(|option| option.code == code),
            None => false,
        };
        for code in when.any.iter().filter(|code| !has(code)) {
            part.fault(format!(
                "“{}”的required_when写的“{}”里没有选项“{code}”。",
                field.title, when.field
            ));
        }
    }
}

fn suggest(part: &Part<'_, '_>) -> Option<Suggest> {
    let inner = part.part("suggest")?;
    let form = inner.need_text("form");
    let field = inner.need_text("field");
    let only = inner.yes("only").unwrap_or(false);
    if inner.has("its") != inner.has("as") {
        inner.fault("its和as要一起写：登记簿的哪一项，要和这张表的哪一项一样。".into());
    }
    let same = inner.text("its").zip(inner.text("as"));
    inner.finish();
    Some(Suggest {
        form: form?,
        field: field?,
        only,
        same,
    })
}

fn required_when(part: &Part<'_, '_>) -> Option<RequiredWhen> {
    let inner = part.part("required_when")?;
    let field = inner.need_text("field");
    let any = if inner.has("in") {
        inner.texts("in")
    } else {
        inner.need_text("is").into_iter().collect()
    };
    inner.finish();
    Some(RequiredWhen { field: field?, any })
}

fn glyph(part: &Part<'_, '_>) -> Option<char> {
    let text = part.text("glyph")?;
    let mut letters = text.chars();
    match (letters.next(), letters.next()) {
        (Some(letter), None) => Some(letter),
        _ => {
            part.fault_at("glyph", format!("glyph只写一个汉字，这里是“{text}”。"));
            None
        }
    }
}

fn retention(part: &Part<'_, '_>) -> Option<Retention> {
    if !part.has("retention") {
        part.value("retention");
        part.fault(
            "[[form]]少了retention：留多久，例如retention = { years = 3, after = \"leaving\" }（离校后3年）。".into(),
        );
        return None;
    }
    let inner = part.part("retention")?;
    let years = inner.number("years", 0..=30);
    if !inner.has("years") {
        inner.fault("retention里少了years：留几年。".into());
    }
    let after = word!(inner, need_word, "after", KeepFrom);
    inner.finish();
    Some(Retention {
        years: years?,
        after: after?,
    })
}

fn field(
    part: &Part<'_, '_>,
    tier: Tier,
    (head, dictionaries): (&Head, &[Dictionary]),
) -> Option<Field> {
    let id = part.need_code("id");
    let title = part.need_text("title");
    let formal_title = part.text("formal_title");
    let ask = part.text("ask");
    let kind = word!(part, need_word, "type", FieldKind);
    let dictionary = part.text("dictionary");
    let own: Vec<Entry> = part
        .parts("options", "选项")
        .iter()
        .filter_map(entry)
        .collect();
    let required = part.yes("required").unwrap_or(false);
    let required_when = required_when(part);
    let not_before = part.text("not_before");
    let suggest = suggest(part);
    let default = part.text("default");
    let tier = word!(part, word, "tier", Tier).unwrap_or(tier);
    let school_only = part.yes("school_only").unwrap_or(false);
    let sub_kind = part.yes("sub_kind").unwrap_or(false);
    let unit = part.text("unit");
    let at_most = part.number("at_most", 1..=99_999_999);
    let section = part.text("section");
    let from = word!(part, word, "from", Known);
    let retired = part.yes("retired").unwrap_or(false);
    let on_paper = part.yes("on_paper").unwrap_or(true);
    part.finish();
    let options = match &dictionary {
        Some(name) => listed_in(part, name, dictionaries)?,
        None => own,
    };
    let field = Field {
        id: id?,
        title: title?,
        formal_title,
        ask,
        kind: kind?,
        dictionary,
        options,
        required,
        required_when,
        not_before,
        suggest,
        default,
        tier,
        school_only,
        sub_kind,
        unit,
        at_most,
        section,
        from,
        retired,
        on_paper,
        pack: head.id.clone(),
        line: part.line(),
    };
    options_fit(part, &field);
    Some(field)
}

fn listed_in(part: &Part<'_, '_>, name: &str, dictionaries: &[Dictionary]) -> Option<Vec<Entry>> {
    if part.has("options") {
        part.fault_at("options", "dictionary和options只写一个。".into());
    }
    let found = dictionaries.iter().find(|one| one.id == name);
    if found.is_none() {
        part.fault_at(
            "dictionary",
            format!("这个包里没有叫“{name}”的字典，请在[[dictionary]]里写上它，或改用options。"),
        );
    }
    found.map(|one| one.entries.clone())
}

fn options_fit(part: &Part<'_, '_>, field: &Field) {
    let chooses = field.kind.has_options() && !field.kind.is_offered();
    if chooses && field.options.is_empty() {
        part.fault(format!(
            "“{}”要从几样里选，请写options，或写dictionary。",
            field.title
        ));
    }
    if !chooses && !field.options.is_empty() {
        part.fault(format!(
            "“{}”不是选择题，不用写options；要选就把type改成\"choice\"或\"choices\"。",
            field.title
        ));
    }
    if field.sub_kind && !chooses {
        part.fault_at("sub_kind", "只有choice和choices可以写sub_kind。".into());
    }
    if let Some(default) = &field.default
        && chooses
        && field.options.iter().all(|option| option.code != *default)
    {
        let codes = listed(field.options.iter().map(|option| option.code.as_str()));
        part.fault_at(
            "default",
            format!("选项里没有“{default}”，可以写的有：{codes}。"),
        );
    }
    check::doubled(field.options.iter().map(|one| one.code.as_str()), |code| {
        part.fault(format!("选项“{code}”写了两遍，请给其中一个换个code。"));
    });
}

fn entry(part: &Part<'_, '_>) -> Option<Entry> {
    let code = part.need_code("code");
    let title = part.need_text("title");
    let formal_title = part.text("formal_title");
    let retired = part.yes("retired").unwrap_or(false);
    let apart = part.yes("apart").unwrap_or(false);
    part.finish();
    Some(Entry {
        code: code?,
        title: title?,
        formal_title,
        retired,
        apart,
    })
}

pub(super) fn dictionary(part: &Part<'_, '_>) -> Option<Dictionary> {
    let id = part.need_code("id");
    let title = part.need_text("title");
    let source = part.need_text("source");
    let entries: Vec<Entry> = part
        .parts("entry", "[[dictionary.entry]]")
        .iter()
        .filter_map(entry)
        .collect();
    part.finish();
    if entries.is_empty() {
        part.fault("这个字典是空的，至少写一个[[dictionary.entry]]。".into());
    }
    check::doubled(entries.iter().map(|one| one.code.as_str()), |code| {
        part.fault(format!("字典里“{code}”写了两遍，请给其中一个换个code。"));
    });
    Some(Dictionary {
        id: id?,
        title: title?,
        source: source?,
        entries,
        line: part.line(),
    })
}
