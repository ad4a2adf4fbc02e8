//! What a pack names must exist: in itself, in the packs that are always there, or beside it.

use super::{Fault, Field, FieldKind, Form, FormKind, Pack, Tier, read, shipped};
use jiff::civil::{Date, date};
use rules::cadence::Cadence;
use rules::duties::{Duty, Party, Subject};
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// The packs that every school has: their forms and definitions need no `needs`.
pub const ALWAYS: [&str; 2] = ["basics", "law"];

static ALWAYS_THERE: LazyLock<Vec<Pack>> = LazyLock::new(|| {
    let any_day: Date = date(2025, 9, 1);
    shipped::shipped()
        .iter()
        .filter(|(id, _)| ALWAYS.contains(id))
        .filter_map(|(id, text)| read::alone(text, id, any_day).ok())
        .collect()
});

/// Calls `found` for each name that occurs again.
pub(super) fn doubled<'a>(names: impl Iterator<Item = &'a str>, mut found: impl FnMut(&'a str)) {
    let mut seen = BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            found(name);
        }
    }
}

/// The faults of one pack by itself. What it may take from the packs under `needs` is left to
/// [`together`].
pub(super) fn references(pack: &Pack, file: &str) -> Vec<Fault> {
    let others: Vec<&Pack> = ALWAYS_THERE
        .iter()
        .filter(|other| other.head.id != pack.head.id)
        .collect();
    let mut desk = Desk {
        file,
        pack,
        others,
        lenient: !pack.head.needs.is_empty(),
        faults: Vec::new(),
    };
    desk.doubled_ids();
    desk.look_up();
    desk.into_faults()
}

/// The faults that several packs have with each other. `files` are their names, in the same order.
pub fn together(packs: &[Pack], files: &[&str]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (at, pack) in packs.iter().enumerate() {
        let others: Vec<&Pack> = packs
            .iter()
            .filter(|other| other.head.id != pack.head.id)
            .chain(
                ALWAYS_THERE
                    .iter()
                    .filter(|always| packs.iter().all(|other| other.head.id != always.head.id)),
            )
            .collect();
        let mut desk = Desk {
            file: files.get(at).copied().unwrap_or(&pack.head.id),
            pack,
            others,
            lenient: false,
            faults: Vec::new(),
        };
        desk.needed_packs();
        desk.look_up();
        desk.counted_elsewhere();
        desk.made_elsewhere();
        desk.same_fields();
        desk.taken_names();
        faults.extend(desk.into_faults());
    }
    faults
}

/// Duties that the legal floor has too: what is looser than it comes to nothing.
pub fn beside_the_floor(pack: &Pack, file: &str) -> Vec<Fault> {
    let floor: Vec<&Duty> = ALWAYS_THERE
        .iter()
        .filter(|other| other.head.id != pack.head.id)
        .flat_map(|other| &other.duties)
        .map(|one| &one.duty)
        .filter(|duty| duty.floor)
        .collect();
    let same = |own: &Duty| {
        let alike = |law: &&&Duty| {
            law.does == own.does && law.party == own.party && law.owed_by == own.owed_by
        };
        floor.iter().find(alike).copied()
    };
    let own = pack.duties.iter();
    own.filter_map(|one| {
        let law = same(&one.duty)?;
        Some(Fault {
            file: file.to_owned(),
            line: one.line,
            sentence: format!(
                "“{}”：法律底线里已经有同样的一条（{}）。比它松的不起作用，照底线算。",
                one.title,
                super::attempt::cadence_of(law)
            ),
        })
    })
    .collect()
}

/// What each page sends beside its fields; a field of the same name would lose what it says.
const TAKEN: [&str; 15] = [
    "operation",
    "version",
    "entry",
    "kind",
    "party",
    "kin",
    "also",
    "back",
    "when",
    "happened_on",
    "refer_why",
    "only_counsellor",
    "said",
    "done",
    "form",
];

struct Desk<'a> {
    file: &'a str,
    pack: &'a Pack,
    others: Vec<&'a Pack>,
    /// A name may still turn up in a pack that is not here.
    lenient: bool,
    faults: Vec<Fault>,
}

impl Desk<'_> {
    fn fault(&mut self, line: usize, sentence: String) {
        self.faults.push(Fault {
            file: self.file.to_owned(),
            line,
            sentence,
        });
    }

    fn into_faults(mut self) -> Vec<Fault> {
        self.faults.sort_by_key(|fault| fault.line);
        self.faults
    }

    fn doubled_ids(&mut self) {
        let pack = self.pack;
        let rules = pack.eligibility.iter();
        self.doubled_in(
            "[[eligibility]]",
            rules.map(|one| (one.rule.policy.id.as_str(), one.line)),
        );
        let duties = pack.duties.iter();
        self.doubled_in(
            "[[duty]]",
            duties.map(|one| (one.duty.policy.id.as_str(), one.line)),
        );
        let forms = pack.forms.iter();
        self.doubled_in("[[form]]", forms.map(|one| (one.id.as_str(), one.line)));
        let lists = pack.dictionaries.iter();
        self.doubled_in(
            "[[dictionary]]",
            lists.map(|one| (one.id.as_str(), one.line)),
        );
        for form in &pack.forms {
            let fields = form.fields.iter();
            self.doubled_in(
                "[[form.field]]",
                fields.map(|one| (one.id.as_str(), one.line)),
            );
        }
    }

    /// A form that every school has is made once; the other packs add to it.
    fn made_elsewhere(&mut self) {
        for form in self.pack.forms.iter().filter(|form| !form.extends) {
            let others = self.others.iter().copied();
            let mut always = others.filter(|other| ALWAYS.contains(&other.head.id.as_str()));
            let made = always.find(|other| {
                let mut forms = other.forms.iter();
                forms.any(|one| one.id == form.id && !one.extends)
            });
            let Some(other) = made else {
                continue;
            };
            let sentence = format!(
                "[[form]]“{}”，《{}》里已经有这张表。要给它加项，请写extends = true；要另做一张，请换一个id。",
                form.id, other.head.title
            );
            self.fault(form.line, sentence);
        }
    }

    fn doubled_in<'n>(&mut self, part: &str, names: impl Iterator<Item = (&'n str, usize)>) {
        let mut seen = BTreeSet::new();
        for (name, line) in names {
            if !seen.insert(name) {
                let sentence = format!("{part}的id“{name}”前面已经有了，请换一个。");
                self.fault(line, sentence);
            }
        }
    }

    fn all_forms(&self) -> Vec<Form> {
        let mut packs = self.others.clone();
        packs.push(self.pack);
        super::forms(&packs)
    }

    fn look_up(&mut self) {
        let forms = self.all_forms();
        let pack = self.pack;
        for form in pack.forms.iter().filter(|form| form.extends) {
            let there = forms.iter().any(|one| one.id == form.id);
            if !there && !self.lenient {
                let sentence = format!(
                    "没有叫“{}”的表单可以加项，请去掉extends并写完整，或在[pack]的needs里写上它所在的包。",
                    form.id
                );
                self.fault(form.line, sentence);
            }
        }
        let counting: BTreeSet<String> = forms
            .iter()
            .filter(|form| form.duty_counts)
            .flat_map(Form::kinds)
            .collect();
        for form in &pack.forms {
            self.suggestions_of(form, &forms);
        }
        for duty in &pack.duties {
            self.kinds_of(duty, &forms, &counting);
            self.party_fits(duty, &forms);
            self.own_definition(duty);
            self.event_fits(duty);
            self.after_fits(duty);
            self.condition_fits(duty);
        }
    }

    /// What is offered beside a field stands in a register that everybody may read.
    fn suggestions_of(&mut self, form: &Form, forms: &[Form]) {
        let whole = forms.iter().find(|one| one.id == form.id).unwrap_or(form);
        for (field, suggest) in form.fields.iter().filter_map(Field::suggesting) {
            let there = forms.iter().find(|one| one.id == suggest.form);
            let is_register = there.is_some_and(|one| one.kind == FormKind::Register);
            let has = |id: &str| there.and_then(|one| one.field(id));
            let is_open = |own: &Field| there.is_some_and(|one| one.tier.max(own.tier) <= Tier::C1);
            let (title, name, own) = (&field.title, &suggest.form, &suggest.field);
            let (its, mine) = suggest.same.clone().unzip();
            let sentence = match has(own) {
                _ if there.is_none() && self.lenient => continue,
                _ if !is_register => format!(
                    "“{title}”的suggest写的是“{name}”，没有这样的登记簿（kind = \"register\"）。请改成登记簿的id，例如notice。"
                ),
                None => format!("“{title}”的suggest写的“{name}”里没有“{own}”这一项。"),
                Some(one) if !is_open(one) => format!(
                    "“{title}”的suggest写的“{name}”的“{own}”不是人人能看的（tier要是C0或C1），不能拿来选。"
                ),
                Some(_) => match (its, mine) {
                    (Some(its), _) if has(&its).is_none() => {
                        format!("“{title}”的suggest的its写的“{its}”，“{name}”里没有这一项。")
                    }
                    (_, Some(mine)) if whole.field(&mine).is_none() => {
                        format!("“{title}”的suggest的as写的“{mine}”，这张表里没有这一项。")
                    }
                    _ => continue,
                },
            };
            self.fault(form.line, sentence);
        }
    }

    fn kinds_of(&mut self, duty: &super::PackDuty, forms: &[Form], counting: &BTreeSet<String>) {
        let named = std::iter::once(&duty.duty.does).chain(&duty.duty.also);
        let named = named.chain(&duty.after);
        for kind in named.filter(|kind| !counting.contains(*kind)) {
            let silent = forms
                .iter()
                .any(|form| form.kinds().any(|one| one == *kind));
            if silent {
                let sentence =
                    format!("“{kind}”这种记录不算在约定里（duty_counts = false），请换一种。");
                self.fault(duty.line, sentence);
            } else if !self.lenient {
                let sentence = format!(
                    "“{}”要的是“{kind}”，可是没有这个表单。请在[[form]]里写上它，或改成已有的，例如talk、call、home_visit。",
                    duty.title
                );
                self.fault(duty.line, sentence);
            }
        }
    }

    /// What stands in a child's file is about the child, whoever signed it.
    fn party_fits(&mut self, duty: &super::PackDuty, forms: &[Form]) {
        let does = &duty.duty.does;
        let in_file = |form: &&Form| form.kind == FormKind::Dossier;
        let named = |form: &Form| form.kinds().any(|kind| kind == *does);
        let is_filed = forms.iter().filter(in_file).any(named);
        if is_filed && duty.duty.party != Party::Child {
            let sentence = format!(
                "“{}”要的“{does}”写在孩子的档案里，with只能写\"child\"，不然永远做不到。",
                duty.title
            );
            self.fault(duty.line, sentence);
        }
    }

    fn own_definition(&mut self, duty: &super::PackDuty) {
        let Some(policy) = &duty.duty.counted_by else {
            return;
        };
        let has = |pack: &Pack| {
            pack.eligibility
                .iter()
                .any(|one| one.rule.policy.id == policy.id)
        };
        if policy.pack == self.pack.head.id && !has(self.pack) {
            let sentence = format!(
                "counted_by写的是“{}”，这个包里没有这样的[[eligibility]]。请写上它，或改成“包:编号”，例如education:children。",
                policy.id
            );
            self.fault(duty.line, sentence);
        }
    }

    /// An event belongs to a child; a duty about a class or a school would never hear of it, except
    /// of an activity that has ended.
    fn event_fits(&mut self, duty: &super::PackDuty) {
        let Cadence::Within { after, .. } = &duty.duty.cadence else {
            return;
        };
        if matches!(duty.duty.subject, Subject::Class | Subject::School) {
            let sentence = format!(
                "“{}”是班级或学校的事，等不到{}。请把about改成child、carer或activity。",
                duty.title,
                after.code()
            );
            self.fault(duty.line, sentence);
        }
    }

    /// What follows something is asked of the school; of a child or a class nobody would look at it.
    fn after_fits(&mut self, duty: &super::PackDuty) {
        let subject = duty.duty.subject;
        if !duty.after.is_empty() && (subject.is_of_a_child() || subject == Subject::Class) {
            let sentence = format!(
                "“{}”带着after，about要写school或activity，不然after不起作用。",
                duty.title
            );
            self.fault(duty.line, sentence);
        }
    }

    /// What is asked of a child cannot be asked of a class or a school.
    fn condition_fits(&mut self, duty: &super::PackDuty) {
        if !duty.duty.subject.is_of_a_child() && !duty.duty.when.is_always() {
            let sentence = format!(
                "“{}”不是说一个孩子的事，不能带when。只想算有这样孩子的班，请写counted_by。",
                duty.title
            );
            self.fault(duty.line, sentence);
        }
    }

    fn needed_packs(&mut self) {
        let pack = self.pack;
        for need in &pack.head.needs {
            if self.others.iter().all(|other| other.head.id != *need) {
                let sentence = format!("这个包要和“{need}”一起用，请把它也选上。");
                self.fault(1, sentence);
            }
        }
    }

    fn counted_elsewhere(&mut self) {
        let pack = self.pack;
        for duty in &pack.duties {
            let Some(policy) = duty.duty.counted_by.as_ref() else {
                continue;
            };
            let mut all = self.others.iter().copied().chain([pack]);
            let found = all.any(|other| {
                other.eligibility.iter().any(|one| {
                    one.rule.policy.pack == policy.pack && one.rule.policy.id == policy.id
                })
            });
            if !found {
                let sentence = format!(
                    "“{}”按“{}:{}”算，可是没有选那个包，或那个包里没有它。",
                    duty.title, policy.pack, policy.id
                );
                self.fault(duty.line, sentence);
            }
        }
    }

    /// Told of a pack that is about to be used; one that was adopted before is read as it is.
    fn taken_names(&mut self) {
        let pack = self.pack;
        let fields = pack.forms.iter().flat_map(|form| &form.fields);
        for field in fields.filter(|field| TAKEN.contains(&field.id.as_str())) {
            let id = &field.id;
            self.fault(
                field.line,
                format!("“{id}”这个id程序自己要用，请换一个，例如own_{id}。"),
            );
        }
    }

    /// Two packs may add the same field to a form; then it must be the same sort of field.
    fn same_fields(&mut self) {
        let pack = self.pack;
        for form in &pack.forms {
            for field in &form.fields {
                let other = self.others.iter().find_map(|other| {
                    let same = other.forms.iter().find(|one| one.id == form.id)?;
                    let same = same.field(&field.id)?;
                    let apart = same.kind != field.kind || same.sub_kind != field.sub_kind;
                    apart.then(|| (other.head.title.clone(), same.kind))
                });
                if let Some((title, kind)) = other {
                    let sentence = differs(field.kind, &title, kind, &field.id);
                    self.fault(field.line, sentence);
                }
            }
        }
    }
}

fn differs(own: FieldKind, title: &str, other: FieldKind, id: &str) -> String {
    format!(
        "“{title}”也有{id}这一项，那里是{}，这里是{}。请改成一样，或换个id。",
        other.code(),
        own.code()
    )
}
