//! What became of everything that a change touched: a mark under the school's key, in the chain of
//! the journal. `nuanchao verify` holds the rows as they are against it (safety.md D3, decision 0040).

use crate::App;
use crate::clock::Clock;
use crate::db::{self, Conn, Val, bulk_insert, watch};
use crate::ids::{OperationId, SchoolId};
use crate::journal::{self, Actor, Entry, Kind};
use crate::vault::{Key, Vault};
use std::collections::{BTreeMap, HashMap, VecDeque};

/// Who marks: the keys, and the time for what the program does of itself.
#[derive(Clone)]
pub struct Keeper {
    pub vault: Vault,
    pub clock: Clock,
}

/// The end of a school's journal, to which marks are added.
struct Chain {
    school: SchoolId,
    key: Key,
    seq: i64,
    at: i64,
    hash: String,
}

/// Marks everything that the transaction touched.
pub async fn put(conn: &mut Conn, keeper: &Keeper) -> db::Result<()> {
    let touched = watch::touched(conn).await?;
    let is_entry = |kind: &str| kind == watch::ENTRY;
    let mut open: Option<Chain> = None;
    for (school, kind) in touched.iter().filter(|(_, kind)| !is_entry(kind)) {
        let chain = match open.take() {
            Some(chain) if chain.school.as_str() == school => chain,
            other => {
                if let Some(done) = other {
                    done.close(conn).await?;
                }
                let mut own = touched.iter().filter(|(one, _)| one == school);
                let has_entry = own.any(|(_, kind)| is_entry(kind));
                Chain::open(conn, keeper, (school, has_entry)).await?
            }
        };
        open = Some(chain.add_touched(conn, kind).await?);
    }
    if let Some(done) = open {
        done.close(conn).await?;
    }
    if !touched.is_empty() {
        watch::forget_touched(conn).await?;
    }
    Ok(())
}

/// The rows of each thing; a thing without rows is gone, and that is marked too.
type Things = BTreeMap<String, Vec<String>>;

fn by_thing(ids: Vec<String>, said: Vec<watch::Said>) -> Things {
    let mut things: Things = ids.into_iter().map(|id| (id, Vec::new())).collect();
    for (id, row) in said {
        things.entry(id).or_default().push(row);
    }
    for rows in things.values_mut() {
        rows.sort_unstable();
    }
    things
}

/// With the entry's number, so that an old mark does not fit a later entry.
fn mac(key: &Key, seq: i64, (kind, id): (&str, &str), rows: &[String]) -> String {
    let seq = seq.to_string();
    let mut parts = vec!["mark", &seq, kind, id];
    parts.extend(rows.iter().map(String::as_str));
    key.mac(&parts)
}

impl Chain {
    /// No change without an entry: one that the program made of itself gets one here.
    async fn open(
        conn: &mut Conn,
        keeper: &Keeper,
        (school, has_entry): (&str, bool),
    ) -> db::Result<Self> {
        let school = SchoolId::from(school.to_owned());
        let key = keeper.vault.school_key(school.as_str());
        if !has_entry {
            let actor = Actor {
                school_id: &school,
                staff_id: "",
                at: &keeper.clock.now().at,
                key: &key,
                device: None,
            };
            let entry = Entry {
                operation: &OperationId::new(),
                kind: Kind::Tidied,
                subject_kind: "school",
                subject_id: school.as_str(),
                payload: "",
                result: "",
            };
            journal::record(conn, &actor, &entry).await?;
        }
        let (seq, hash) = journal::end(conn, &school).await?;
        Ok(Self {
            school,
            key,
            seq,
            at: 0,
            hash,
        })
    }

    async fn add_touched(mut self, conn: &mut Conn, kind: &str) -> db::Result<Self> {
        let mut after = String::new();
        loop {
            let asked = (self.school.as_str(), kind);
            let (ids, said) = watch::touched_things(conn, asked, &after).await?;
            let is_last = ids.len() < usize::from(watch::AT_ONCE);
            after = ids.last().cloned().unwrap_or_default();
            self.add(conn, kind, &by_thing(ids, said)).await?;
            if is_last {
                return Ok(self);
            }
        }
    }

    async fn add(&mut self, conn: &mut Conn, kind: &str, things: &Things) -> db::Result<()> {
        let mut rows = Vec::with_capacity(things.len());
        for (id, said) in things {
            let mac = mac(&self.key, self.seq, (kind, id), said);
            self.hash = journal::chain(&[&self.hash, kind, id, &mac]);
            self.at += 1;
            rows.push(vec![
                Val::from(self.school.to_string()),
                Val::Int(self.seq),
                Val::Int(self.at),
                Val::from(kind.to_owned()),
                Val::from(id.clone()),
                Val::from(mac),
            ]);
        }
        let columns = ["school_id", "seq", "at", "kind", "id", "mac"];
        bulk_insert(conn, "journal_mark", &columns, rows).await
    }

    async fn close(self, conn: &mut Conn) -> db::Result<()> {
        journal::set_end(conn, &self.school, &self.hash).await
    }
}

const MARKED: &str = "marked";

/// What was written before there were marks is taken as it stands, once.
pub async fn catch_up(app: &App) -> db::Result<()> {
    let (db, keeper) = (&app.db, &app.keeper());
    if db.setting(MARKED).await?.is_some() {
        return Ok(());
    }
    let mut conn = db.read().await?;
    let schools: Vec<String> = db::query_scalar("select id from org order by id")
        .fetch_all(&mut conn)
        .await?;
    drop(conn);
    for school in schools {
        let mut tx = db.write_alone(&SchoolId::from(school.clone())).await?;
        mark_school(&mut tx, keeper, &school).await?;
        tx.commit().await?;
    }
    db.set_setting(MARKED, "1").await
}

/// A school that has marks already is left as it is: whoever takes the note of it away gains nothing.
async fn mark_school(conn: &mut Conn, keeper: &Keeper, school: &str) -> db::Result<()> {
    let marked: Option<i64> =
        db::query_scalar("select seq from journal_mark where school_id = $1 limit 1")
            .bind(school)
            .fetch_optional(&mut *conn)
            .await?;
    if marked.is_some() {
        return Ok(());
    }
    let mut chain = Chain::open(conn, keeper, (school, false)).await?;
    for kind in watch::kinds() {
        let mut after = Some(String::new());
        while let Some(from) = after {
            let (last, said) = watch::things(conn, school, kind, &from).await?;
            chain.add(conn, kind, &by_thing(Vec::new(), said)).await?;
            after = last;
        }
    }
    chain.close(conn).await
}

/// A mark as the walk along the journal meets it.
struct Mark {
    seq: i64,
    at: i64,
    kind: String,
    id: String,
    mac: String,
}

/// Sixteen bytes in place of a kind and an id: a county has millions.
type Name = [u8; 16];

fn name(kind: &str, id: &str) -> Name {
    let hash = blake3::hash(format!("{kind}/{id}").as_bytes());
    hash.as_bytes().first_chunk().copied().unwrap_or_default()
}

/// Goes along the marks of one school beside its journal, and remembers the last of each thing.
pub struct Walk {
    school: String,
    read_to: (i64, i64),
    waiting: VecDeque<Mark>,
    last: HashMap<Name, (i64, String)>,
}

const PAGE: i64 = 1000;

impl Walk {
    pub fn new(school: &str) -> Self {
        Self {
            school: school.to_owned(),
            read_to: (0, 0),
            waiting: VecDeque::new(),
            last: HashMap::new(),
        }
    }

    /// The chain's hash after an entry, from the one before its marks. A mark of an entry that is
    /// not there is never passed, and what follows does not fit.
    pub async fn along(
        &mut self,
        conn: &mut Conn,
        seq: i64,
        mut hash: String,
    ) -> db::Result<String> {
        while let Some(mark) = self.next(conn, seq).await? {
            hash = journal::chain(&[&hash, &mark.kind, &mark.id, &mark.mac]);
            self.last
                .insert(name(&mark.kind, &mark.id), (mark.seq, mark.mac));
        }
        Ok(hash)
    }

    async fn next(&mut self, conn: &mut Conn, seq: i64) -> db::Result<Option<Mark>> {
        if self.waiting.is_empty() {
            self.waiting = page(conn, &self.school, self.read_to).await?.into();
            if let Some(last) = self.waiting.back() {
                self.read_to = (last.seq, last.at);
            }
        }
        if self.waiting.front().is_some_and(|mark| mark.seq == seq) {
            return Ok(self.waiting.pop_front());
        }
        Ok(None)
    }

    /// Whether a mark was left that no entry has.
    pub async fn is_at_its_end(&mut self, conn: &mut Conn) -> db::Result<bool> {
        Ok(self.next(conn, -1).await?.is_none() && self.waiting.is_empty())
    }

    /// The things whose rows are not what the last mark says.
    pub async fn differing(mut self, conn: &mut Conn, key: &Key) -> db::Result<Vec<Differs>> {
        let mut found = Vec::new();
        for kind in watch::kinds() {
            let mut after = Some(String::new());
            while let Some(from) = after {
                let (last, said) = watch::things(conn, &self.school, kind, &from).await?;
                for (id, rows) in by_thing(Vec::new(), said) {
                    let marked = self.last.remove(&name(kind, &id));
                    let fits = marked
                        .is_some_and(|(seq, marked)| mac(key, seq, (kind, &id), &rows) == marked);
                    if !fits {
                        found.push(Differs { kind, id });
                    }
                }
                after = last;
            }
        }
        self.gone(conn, key, &mut found).await?;
        Ok(found)
    }

    /// What is left of the marks belongs to things without rows; their last marks must say so.
    async fn gone(&self, conn: &mut Conn, key: &Key, found: &mut Vec<Differs>) -> db::Result<()> {
        let mut at = (0, 0);
        loop {
            let marks = page(conn, &self.school, at).await?;
            let Some(last) = marks.last() else {
                return Ok(());
            };
            at = (last.seq, last.at);
            for mark in marks {
                let last = self.last.get(&name(&mark.kind, &mark.id));
                let is_last = last.is_some_and(|(seq, _)| *seq == mark.seq);
                let kind = watch::kinds().into_iter().find(|kind| *kind == mark.kind);
                if let Some(kind) = kind.filter(|_| is_last)
                    && mac(key, mark.seq, (kind, &mark.id), &[]) != mark.mac
                {
                    found.push(Differs { kind, id: mark.id });
                }
            }
        }
    }
}

async fn page(conn: &mut Conn, school: &str, after: (i64, i64)) -> db::Result<Vec<Mark>> {
    let rows: Vec<(i64, i64, String, String, String)> = db::query_as(
        "select seq, at, kind, id, mac from journal_mark
         where school_id = $1 and (seq, at) > ($2, $3) order by seq, at limit $4",
    )
    .bind(school)
    .bind(after.0)
    .bind(after.1)
    .bind(PAGE)
    .fetch_all(conn)
    .await?;
    let mark = |(seq, at, kind, id, mac)| Mark {
        seq,
        at,
        kind,
        id,
        mac,
    };
    Ok(rows.into_iter().map(mark).collect())
}

/// A thing whose rows are not those that the program wrote last.
pub struct Differs {
    kind: &'static str,
    id: String,
}

fn zh(kind: &str) -> &'static str {
    match kind {
        "child" => "孩子的资料",
        "record" => "记录",
        "dossier_entry" => "档案里的表",
        "dossier_file" => "照片和扫描件",
        "register_entry" => "登记簿",
        "child_merge" => "合并",
        "release" => "打印的登记",
        "sheet_back" => "放回来的表",
        "roster_import" => "导入的名单",
        "staff" => "老师和担任",
        "adoption" => "约定",
        _ => "学校、学期和班级",
    }
}

/// Enough to begin to look; none of them is a name.
const NAMED: usize = 5;

/// What does not fit, sort by sort, with the ids of the first.
pub fn sentences(found: &[Differs]) -> Vec<String> {
    let mut sorts: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for one in found {
        sorts.entry(zh(one.kind)).or_default().push(&one.id);
    }
    let sentence = |(what, ids): (&str, Vec<&str>)| {
        let some: Vec<&str> = ids.iter().copied().take(NAMED).collect();
        format!(
            "{what}有{}处和最后一条操作记录对不上，可能有人绕过程序改了数据库。编号：{}{}。",
            ids.len(),
            some.join("、"),
            if ids.len() > NAMED { "等" } else { "" }
        )
    };
    sorts.into_iter().map(sentence).collect()
}

/// The hash that a school's chain had after an entry and its marks; `None`: it did not come so far.
pub async fn hash_after(conn: &mut Conn, school: &str, seq: i64) -> db::Result<Option<String>> {
    db::query_scalar(
        "select coalesce(
            (select prev_hash from journal where school_id = $1 and seq = $2 + 1),
            (select hash from journal_head where school_id = $1 and seq = $2))",
    )
    .bind(school)
    .bind(seq)
    .fetch_optional(conn)
    .await
    .map(Option::flatten)
}
