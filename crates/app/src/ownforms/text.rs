//! The text of the school's own pack, a form or a field longer each time.

pub use crate::adoptions::store::OWN;
use crate::packs::FieldKind;
use toml::{Table, Value};

pub struct NewForm<'a> {
    pub title: &'a str,
    pub purpose: &'a str,
    pub many: bool,
    pub tier: &'a str,
    /// For what the family is asked first; empty: it need not be.
    pub needs_consent: &'a str,
}

pub struct NewField<'a> {
    pub form: &'a str,
    /// The plans in force that the form stands in: the school's own pack leans on them.
    pub needs: Vec<&'a str>,
    pub title: &'a str,
    pub kind: FieldKind,
    pub options: Vec<&'a str>,
    /// 厘米; empty: none.
    pub unit: &'a str,
    /// The heading under which it stands; empty: none.
    pub section: &'a str,
    pub required: bool,
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

/// What the school wrote so far, or the head of a new pack.
fn begun(before: Option<&str>, school: &str) -> Table {
    let known = before.and_then(|before| before.parse::<Table>().ok());
    known.unwrap_or_else(|| {
        let mut head = Table::new();
        head.insert("id".into(), text(OWN));
        head.insert("title".into(), text(&format!("{school}自己的表")));
        head.insert("level".into(), text("school"));
        head.insert("source".into(), text("学校自定"));
        head.insert("version".into(), text("0"));
        Table::from_iter([("pack".to_owned(), Value::Table(head))])
    })
}

fn next_version(whole: &mut Table) {
    if let Some(Value::Table(head)) = whole.get_mut("pack") {
        let last = head.get("version").and_then(Value::as_str);
        let last: u64 = last.and_then(|text| text.parse().ok()).unwrap_or_default();
        head.insert("version".into(), text(&(last + 1).to_string()));
    }
}

fn list<'a>(table: &'a mut Table, key: &str) -> Option<&'a mut Vec<Value>> {
    let list = table.entry(key).or_insert_with(|| Value::Array(Vec::new()));
    list.as_array_mut()
}

/// What is changed on a form that a school has written, or of a field that it has added.
pub enum Edit<'a> {
    Title(&'a str),
    Purpose(&'a str),
    /// Years after the child has left.
    KeptFor(i64),
    /// What there is to choose from.
    Options(Vec<&'a str>),
    Unit(&'a str),
    Section(&'a str),
    /// One place towards the beginning.
    Up,
    Retired(bool),
}

fn place(many: &[Value], id: &str) -> Option<usize> {
    many.iter()
        .position(|one| one.get("id").and_then(Value::as_str) == Some(id))
}

/// An empty text takes the key away.
fn set(one: &mut Table, key: &str, said: &str) -> Option<Value> {
    if said.is_empty() {
        one.remove(key)
    } else {
        one.insert(key.to_owned(), text(said))
    }
}

fn option(code: &str, title: &str) -> Value {
    let one = [
        ("code".to_owned(), text(code)),
        ("title".to_owned(), text(title)),
    ];
    Value::Table(Table::from_iter(one))
}

/// One that stays keeps its code. One that is gone, or reads otherwise now, is no longer offered: where
/// it was chosen, nobody chose anything else.
fn options(known: &[Value], titles: &[&str]) -> Vec<Value> {
    let is = |one: &Value, title: &str| one.get("title").and_then(Value::as_str) == Some(title);
    let each = |title: &&str| {
        if let Some(same) = known.iter().find(|one| is(one, title)) {
            let mut same = same.clone();
            same.as_table_mut().map(|one| one.remove("retired"));
            return same;
        }
        let hash = blake3::hash(title.as_bytes()).to_hex();
        option(&format!("o{}", hash.get(..12).unwrap_or_default()), title)
    };
    let gone = known
        .iter()
        .filter(|one| !titles.iter().any(|title| is(one, title)));
    let retired = gone.cloned().map(|mut one| {
        let retired = ("retired".to_owned(), Value::Boolean(true));
        one.as_table_mut()
            .into_iter()
            .for_each(|one| one.extend([retired.clone()]));
        one
    });
    titles.iter().map(each).chain(retired).collect()
}

fn edited(many: &mut [Value], at: usize, edit: &Edit<'_>) -> Option<()> {
    if matches!(edit, Edit::Up) {
        many.swap(at, at.checked_sub(1)?);
        return Some(());
    }
    let one = many.get_mut(at)?.as_table_mut()?;
    match edit {
        Edit::Title(title) => one.insert("title".into(), text(title)),
        Edit::Purpose(purpose) => one.insert("purpose".into(), text(purpose)),
        Edit::KeptFor(years) => {
            let kept = one.get_mut("retention")?.as_table_mut()?;
            kept.insert("years".into(), Value::Integer(*years))
        }
        Edit::Options(titles) => {
            let known = one.get("options").and_then(Value::as_array);
            let options = options(known.map_or(&[][..], Vec::as_slice), titles);
            one.insert("options".into(), Value::Array(options))
        }
        Edit::Unit(unit) => set(one, "unit", unit),
        Edit::Section(section) => set(one, "section", section),
        Edit::Retired(yes) => one.insert("retired".into(), Value::Boolean(*yes)),
        Edit::Up => None,
    };
    Some(())
}

/// The text with some edits of one form, or of one of its fields; `None`: there is no such thing.
pub fn with_edits(
    before: &str,
    (form, field): (&str, Option<&str>),
    edits: &[Edit<'_>],
) -> Option<String> {
    let mut whole: Table = before.parse().ok()?;
    let forms = list(&mut whole, "form")?;
    let at = place(forms, form)?;
    for edit in edits {
        match field {
            None => edited(forms, at, edit)?,
            Some(field) => {
                let own = forms.get_mut(at)?.as_table_mut()?;
                let fields = list(own, "field")?;
                let at = place(fields, field)?;
                edited(fields, at, edit)?;
            }
        }
    }
    written(&mut whole)
}

/// How many of a key stand in the text, so that the next id is free. Nothing is taken out of it:
/// what is no longer used is marked.
fn used(whole: &Table, prefix: &str) -> usize {
    whole
        .to_string()
        .matches(&format!("id = \"{prefix}"))
        .count()
}

fn written(whole: &mut Table) -> Option<String> {
    next_version(whole);
    toml::to_string(whole).ok()
}

/// The text with one more form; `None` where it cannot be written.
pub fn with_form(before: Option<&str>, school: &str, new: &NewForm<'_>) -> Option<String> {
    let mut whole = begun(before, school);
    let id = format!("own_form_{}", used(&whole, "own_form_") + 1);
    let retention = Table::from_iter([
        ("years".to_owned(), Value::Integer(3)),
        ("after".to_owned(), text("leaving")),
    ]);
    let mut form = Table::from_iter([
        ("id".to_owned(), text(&id)),
        ("title".to_owned(), text(new.title)),
        ("source".to_owned(), text("学校自定")),
        ("kind".to_owned(), text("dossier")),
        ("many".to_owned(), Value::Boolean(new.many)),
        ("party".to_owned(), text("child")),
        ("purpose".to_owned(), text(new.purpose)),
        ("retention".to_owned(), Value::Table(retention)),
        ("tier".to_owned(), text(new.tier)),
        (
            "signers".to_owned(),
            Value::Array(vec![text("homeroom_teacher")]),
        ),
    ]);
    if !new.needs_consent.is_empty() {
        form.insert("needs_consent".into(), text(new.needs_consent));
    }
    list(&mut whole, "form")?.push(Value::Table(form));
    written(&mut whole)
}

/// The text with one more field on a form of this school or of another pack.
pub fn with_field(before: Option<&str>, school: &str, new: &NewField<'_>) -> Option<String> {
    let mut whole = begun(before, school);
    let id = format!("own_field_{}", used(&whole, "own_field_") + 1);
    let mut field = Table::from_iter([
        ("id".to_owned(), text(&id)),
        ("title".to_owned(), text(new.title)),
        ("type".to_owned(), text(new.kind.code())),
        ("required".to_owned(), Value::Boolean(new.required)),
    ]);
    if new.kind.has_options() && !new.kind.is_offered() {
        let options = new.options.iter().zip(1..);
        let options = options.map(|(title, at)| option(&format!("o{at}"), title));
        field.insert("options".into(), Value::Array(options.collect()));
    }
    if new.kind == FieldKind::Number {
        set(&mut field, "unit", new.unit);
    }
    set(&mut field, "section", new.section);
    let forms = list(&mut whole, "form")?;
    let is_it = |one: &Value| one.get("id").and_then(Value::as_str) == Some(new.form);
    let at = forms.iter().position(is_it).unwrap_or_else(|| {
        let more = [
            ("id".to_owned(), text(new.form)),
            ("extends".to_owned(), Value::Boolean(true)),
            ("source".to_owned(), text("学校自定")),
        ];
        forms.push(Value::Table(Table::from_iter(more)));
        forms.len() - 1
    });
    let form = forms.get_mut(at)?.as_table_mut()?;
    list(form, "field")?.push(Value::Table(field));
    let needs = list(whole.get_mut("pack")?.as_table_mut()?, "needs")?;
    for need in new.needs.iter().map(|need| text(need)) {
        if !needs.contains(&need) {
            needs.push(need);
        }
    }
    written(&mut whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packs::read::read;

    #[test]
    fn what_was_written_is_renamed_moved_and_retired_and_its_id_is_never_used_again() {
        let new = NewForm {
            title: "表",
            purpose: "试",
            many: false,
            tier: "C1",
            needs_consent: "",
        };
        let mut text = with_form(None, "青石小学", &new).unwrap();
        for title in ["一", "二"] {
            let field = NewField {
                form: "own_form_1",
                needs: Vec::new(),
                title,
                kind: FieldKind::Text,
                options: Vec::new(),
                unit: "",
                section: "",
                required: false,
            };
            text = with_field(Some(&text), "青石小学", &field).unwrap();
        }
        let second = ("own_form_1", Some("own_field_2"));
        let edits = [Edit::Up, Edit::Retired(true)];
        assert!(with_edits(&text, second, &[Edit::Up, Edit::Up]).is_none());
        let moved = with_edits(&text, second, &edits[..1]).unwrap();
        let pack = read(&moved, "own", jiff::civil::date(2025, 9, 1)).unwrap();
        assert_eq!(pack.forms[0].fields[0].title, "二");
        let gone = with_edits(&text, second, &edits[1..]).unwrap();
        let pack = read(&gone, "own", jiff::civil::date(2025, 9, 1)).unwrap();
        let held = crate::packs::forms(&[&pack]);
        assert_eq!(held[0].fields.len(), 1);
        let field = NewField {
            form: "own_form_1",
            needs: Vec::new(),
            title: "三",
            kind: FieldKind::Text,
            options: Vec::new(),
            unit: "",
            section: "",
            required: false,
        };
        let more = with_field(Some(&gone), "青石小学", &field).unwrap();
        assert!(more.contains("own_field_3"));
        let form = ("own_form_1", None);
        let edits = [Edit::Title("新"), Edit::KeptFor(5), Edit::Retired(true)];
        let last = with_edits(&more, form, &edits).unwrap();
        let pack = read(&last, "own", jiff::civil::date(2025, 9, 1)).unwrap();
        assert_eq!(pack.forms[0].title, "新");
        assert!(pack.forms[0].retired);
        assert_eq!(pack.forms[0].retention.map(|kept| kept.years), Some(5));
    }

    #[test]
    fn what_a_school_writes_is_a_pack_that_reads_whatever_letters_stand_in_it() {
        let new = NewForm {
            title: "我们的\"表\"\n[pack]",
            purpose: "试一试",
            many: false,
            tier: "C1",
            needs_consent: "",
        };
        let one = with_form(None, "青石小学", &new).unwrap();
        let field = NewField {
            form: "own_form_1",
            needs: Vec::new(),
            title: "喜欢 = 什么",
            kind: FieldKind::Choice,
            options: vec!["画画", "'''"],
            unit: "",
            section: "爱好",
            required: true,
        };
        let two = with_field(Some(&one), "青石小学", &field).unwrap();
        let elsewhere = NewField {
            form: "registration",
            needs: Vec::new(),
            title: "几号床",
            kind: FieldKind::Text,
            options: Vec::new(),
            unit: "",
            section: "",
            required: false,
        };
        let three = with_field(Some(&two), "青石小学", &elsewhere).unwrap();
        let pack = read(&three, "own", jiff::civil::date(2025, 9, 1)).unwrap();
        assert_eq!(pack.head.version, "3");
        assert_eq!(pack.forms.len(), 2);
        assert_eq!(pack.forms[0].title, new.title);
        let first = &pack.forms[0].fields[0];
        assert_eq!(first.options.len(), 2);
        assert_eq!(first.section.as_deref(), Some("爱好"));
        let code = first.options[0].code.clone();
        let edits = [Edit::Options(vec!["唱歌", "画画"]), Edit::Section("")];
        let four = with_edits(&three, ("own_form_1", Some("own_field_1")), &edits).unwrap();
        let changed = read(&four, "own", jiff::civil::date(2025, 9, 1)).unwrap();
        let first = &changed.forms[0].fields[0];
        assert_eq!(first.options[1].code, code);
        let offered: Vec<&str> = first.offered().map(|one| one.title.as_str()).collect();
        assert_eq!(offered, ["唱歌", "画画"]);
        assert_eq!(first.options[2].title, "'''");
        assert_eq!(first.section, None);
        assert!(pack.forms[1].extends);
    }
}
