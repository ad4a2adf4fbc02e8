//! Every change, and every look at something protected, leaves one row in the same transaction.
//!
//! Rows are chained by hash per school; `nuanchao verify` walks the chain (safety.md D3, D8).

use crate::db::{self, Conn};
use crate::ids::{OperationId, SchoolId};
use crate::marks::{self, Walk};
use crate::vault::{Key, Vault};
use crate::web::Failure;

macro_rules! kinds {
    ($($variant:ident $code:literal $zh:literal,)*) => {
        /// What happened.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Kind { $($variant),* }

        impl Kind {
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }

            /// For 操作记录.
            pub fn zh(code: &str) -> &'static str {
                match code { $($code => $zh,)* _ => "其他" }
            }
        }
    };
}

kinds! {
    SchoolOpened "school_opened" "建了学校",
    SignedIn "signed_in" "登录",
    SignInRefused "sign_in_refused" "登录没成功",
    SignedOut "signed_out" "退出",
    RecordMade "record_made" "记了一条",
    RecordAmended "record_amended" "改了一条记录",
    RecordWithdrawn "record_withdrawn" "撤销了一条记录",
    RosterBrought "roster_brought" "看了一份名单",
    MendSheetTaken "mend_sheet_taken" "下载了要改的表",
    ColumnsPlaced "columns_placed" "说了名单的列放到哪里",
    YearSaid "roster_year_said" "说了名单是哪个学年的",
    RosterCommitted "roster_committed" "导入名单",
    RosterUndone "roster_undone" "撤回一次导入",
    SchoolChanged "school_changed" "改了学校的情况",
    TermChanged "term_changed" "改了学期或放假",
    ClassChanged "class_changed" "改了班级",
    ChildMoved "child_moved" "转班、转走或回来",
    Merged "merged" "把两份合成一份，或又分开",
    YearReviewed "year_reviewed" "对过了升级和毕业的名单",
    ChildChanged "child_changed" "改了孩子的基本情况",
    SetApart "set_apart" "说了是两个孩子",
    Paired "paired" "结了一对",
    PairingEnded "pairing_ended" "结对到此为止",
    PackAdopted "pack_adopted" "定了约定",
    PackEnded "pack_ended" "停用一份约定",
    PhoneRevealed "phone_revealed" "看了完整号码",
    GuardedRead "guarded_read" "看了受保护的内容",
    CardSeen "card_seen" "看了联系卡和住址",
    CardChanged "card_changed" "改了联系卡",
    CardConfirmed "card_confirmed" "核对了联系卡",
    Printed "printed" "打印或导出",
    CardsPrinted "cards_printed" "打印联系卡",
    DossierChanged "dossier_changed" "填了档案",
    DossierWithdrawn "dossier_withdrawn" "拿掉了档案里的一笔",
    RegisterChanged "register_changed" "写了登记簿",
    RegisterWithdrawn "register_withdrawn" "拿掉了登记簿里的一笔",
    SheetUndone "sheet_undone" "撤回放回来的一份表",
    FileKept "file_kept" "放了一张照片或扫描件",
    DossierSeen "dossier_seen" "看了档案",
    HomeSeen "home_seen" "看了家里的情况",
    HomeChanged "home_changed" "记了家里的情况",
    Determined "determined" "认定了一次",
    AccountMade "account_made" "开了账号",
    AccountClosed "account_closed" "停用账号",
    PasswordChanged "password_changed" "换了密码",
    OwnPhoneChanged "own_phone_changed" "改了自己的电话",
    PasswordReset "password_reset" "给同事换了新密码",
    RecordSetAside "record_set_aside" "手机送来的一条没有收下，先放着",
    SetAsideDropped "set_aside_dropped" "不要了一条没有收下的记录",
    RoleGiven "role_given" "给了一个担任",
    RoleEnded "role_ended" "收回一个担任",
    HandedOver "handed_over" "把孩子交给了另一位老师",
    Restored "restored" "从备份恢复",
    Tidied "tidied" "程序自己整理",
}

/// Whether any entry behind `seq` changed the calendar, the packs, the classes or the roster: then
/// what is kept in memory of the school may be wrong.
pub async fn changed_school(conn: &mut Conn, school_id: &SchoolId, seq: i64) -> db::Result<bool> {
    let found: Option<i64> = db::query_scalar(
        "select seq from journal where school_id = $1 and seq > $2 and kind in (
            'school_opened', 'school_changed', 'term_changed', 'class_changed',
            'roster_committed', 'roster_undone', 'pack_adopted', 'pack_ended', 'child_moved',
            'child_changed', 'merged')
         limit 1",
    )
    .bind(school_id.as_str())
    .bind(seq)
    .fetch_optional(conn)
    .await?;
    Ok(found.is_some())
}

/// Who acts, where and when: everything that a row says of the person.
pub struct Actor<'a> {
    pub school_id: &'a SchoolId,
    pub staff_id: &'a str,
    pub at: &'a str,
    /// The school's key: a bare hash of a payload could be guessed.
    pub key: &'a Key,
    /// Where it was written without a network, if it was.
    pub device: Option<&'a Device>,
}

/// A phone whose outbox brought the change, and what it says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    pub id: String,
    /// 1, 2, 3 … without a gap, for each device and person: a gap is a record that never came.
    pub seq: i64,
    /// The phone's own clock: a claim, beside the time of receipt.
    pub claimed_at: String,
    /// How many seconds it waited on the phone, where the phone says so: true also where its clock
    /// is wrong.
    pub waited: Option<i64>,
}

/// One change.
pub struct Entry<'a> {
    pub operation: &'a OperationId,
    pub kind: Kind,
    pub subject_kind: &'static str,
    pub subject_id: &'a str,
    /// What was asked for, in a form that is the same when it is asked again.
    pub payload: &'a str,
    /// The answer that a repeated request gets.
    pub result: &'a str,
}

/// Whether an operation is new, or was done before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    New,
    /// The same request: its answer.
    Done(String),
    /// The same id with another content: a mistake, never an overwrite.
    Other,
}

/// Looks an operation up before it is done.
pub async fn seen(
    conn: &mut Conn,
    actor: &Actor<'_>,
    operation: &OperationId,
    payload: &str,
) -> db::Result<Seen> {
    let found: Option<(String, String)> = db::query_as(
        "select payload_mac, result from journal
         where school_id = $1 and actor_id = $2 and op_id = $3",
    )
    .bind(actor.school_id.as_str())
    .bind(actor.staff_id)
    .bind(operation.as_str())
    .fetch_optional(conn)
    .await?;
    Ok(match found {
        None => Seen::New,
        Some((mac, result)) if mac == actor.key.mac(&[payload]) => Seen::Done(result),
        Some(_) => Seen::Other,
    })
}

/// Writes the row of an operation that is new; `false`: it was done before, and is not done again.
pub async fn once(conn: &mut Conn, actor: &Actor<'_>, entry: &Entry<'_>) -> Result<bool, Failure> {
    match seen(conn, actor, entry.operation, entry.payload).await? {
        Seen::New => {
            record(conn, actor, entry).await?;
            Ok(true)
        }
        Seen::Done(_) => Ok(false),
        Seen::Other => Err(Failure::OtherContent),
    }
}

/// Writes the row. It commits with the change, or neither does.
pub async fn record(conn: &mut Conn, actor: &Actor<'_>, entry: &Entry<'_>) -> db::Result<()> {
    let (seq, prev_hash) = next(conn, actor.school_id).await?;
    let payload_mac = actor.key.mac(&[entry.payload]);
    let number = seq.to_string();
    let mut parts = vec![
        prev_hash.as_str(),
        actor.school_id.as_str(),
        &number,
        entry.operation.as_str(),
        actor.staff_id,
        actor.at,
        entry.kind.code(),
        entry.subject_kind,
        entry.subject_id,
        &payload_mac,
        entry.result,
    ];
    let device_seq = actor.device.map(|device| device.seq.to_string());
    if let (Some(device), Some(number)) = (actor.device, &device_seq) {
        parts.extend([device.id.as_str(), number, &device.claimed_at]);
    }
    let hash = chain(&parts);
    db::query(
        "insert into journal (school_id, seq, op_id, actor_id, at, kind, subject_kind, subject_id,
            payload_mac, result, prev_hash, hash, device_id, device_seq, claimed_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
    )
    .bind(actor.school_id.as_str())
    .bind(seq)
    .bind(entry.operation.as_str())
    .bind(actor.staff_id)
    .bind(actor.at)
    .bind(entry.kind.code())
    .bind(entry.subject_kind)
    .bind(entry.subject_id)
    .bind(&payload_mac)
    .bind(entry.result)
    .bind(&prev_hash)
    .bind(&hash)
    .bind(actor.device.map(|device| device.id.as_str()))
    .bind(actor.device.map(|device| device.seq))
    .bind(actor.device.map(|device| device.claimed_at.as_str()))
    .execute(&mut *conn)
    .await?;
    set_end(conn, actor.school_id, &hash).await
}

/// Where the chain of a school ends.
pub async fn set_end(conn: &mut Conn, school_id: &SchoolId, hash: &str) -> db::Result<()> {
    db::query("update journal_head set hash = $2 where school_id = $1")
        .bind(school_id.as_str())
        .bind(hash)
        .execute(conn)
        .await?;
    Ok(())
}

/// The number of the last entry, and the chain's hash after it.
pub async fn end(conn: &mut Conn, school_id: &SchoolId) -> db::Result<(i64, String)> {
    db::query_as("select seq, hash from journal_head where school_id = $1")
        .bind(school_id.as_str())
        .fetch_one(conn)
        .await
}

/// Takes the next number of the school; on PostgreSQL the row's lock keeps the chain single.
async fn next(conn: &mut Conn, school_id: &SchoolId) -> db::Result<(i64, String)> {
    let taken: Option<(i64, String)> = db::query_as(
        "update journal_head set seq = seq + 1 where school_id = $1 returning seq, hash",
    )
    .bind(school_id.as_str())
    .fetch_optional(&mut *conn)
    .await?;
    if let Some(taken) = taken {
        return Ok(taken);
    }
    db::query("insert into journal_head (school_id, seq, hash) values ($1, 1, '')")
        .bind(school_id.as_str())
        .execute(conn)
        .await?;
    Ok((1, String::new()))
}

/// A hash over parts, each with its length.
pub fn chain(parts: &[&str]) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().to_hex().to_string()
}

/// Walks the chain of every school, and holds the rows as they are against their last marks; the
/// sentences name what does not fit.
pub async fn verify(conn: &mut Conn, vault: &Vault) -> db::Result<Vec<String>> {
    let heads: Vec<(String, i64, String)> = db::query_as(
        "select o.id, coalesce(h.seq, -1), coalesce(h.hash, '') from org o
         left join journal_head h on h.school_id = o.id order by o.id",
    )
    .fetch_all(&mut *conn)
    .await?;
    let (mut faults, mut differing) = (Vec::new(), Vec::new());
    for (school_id, last, head) in heads {
        if last < 0 {
            faults.push("有一个单位的操作记录整个不见了，请先找管理员。".to_owned());
            continue;
        }
        let mut walk = Walk::new(&school_id);
        let (at, end) = walk_chain(conn, &school_id, &mut walk, &mut faults).await?;
        if at != last || end != head || !walk.is_at_its_end(conn).await? {
            faults.push(format!("操作记录到第{at}条为止，应有{last}条：末尾缺了。"));
        }
        differing.extend(walk.differing(conn, &vault.school_key(&school_id)).await?);
    }
    faults.extend(marks::sentences(&differing));
    Ok(faults)
}

/// The last entry of a school's journal, and the chain's hash after it.
async fn walk_chain(
    conn: &mut Conn,
    school_id: &str,
    walk: &mut Walk,
    faults: &mut Vec<String>,
) -> db::Result<(i64, String)> {
    let (mut at, mut previous) = (0, String::new());
    loop {
        let rows = page(conn, school_id, at).await?;
        if rows.is_empty() {
            return Ok((at, previous));
        }
        for row in rows {
            let hash = row.hash_after(school_id, &previous);
            if row.seq != at + 1 || row.prev_hash != previous || row.hash != hash {
                faults.push(format!(
                    "操作记录第{}条对不上，请不要再写入，先找管理员。",
                    at + 1
                ));
            }
            at = row.seq;
            previous = walk.along(conn, row.seq, row.hash).await?;
        }
    }
}

db::row! {
    struct Row {
        seq: i64,
        op_id: String,
        actor_id: String,
        at: String,
        kind: String,
        subject_kind: String,
        subject_id: String,
        payload_mac: String,
        result: String,
        prev_hash: String,
        hash: String,
        device_id: Option<String>,
        device_seq: Option<i64>,
        claimed_at: Option<String>,
    }
}

impl Row {
    fn hash_after(&self, school_id: &str, previous: &str) -> String {
        let number = self.seq.to_string();
        let mut parts = vec![
            previous,
            school_id,
            &number,
            &self.op_id,
            &self.actor_id,
            &self.at,
            &self.kind,
            &self.subject_kind,
            &self.subject_id,
            &self.payload_mac,
            &self.result,
        ];
        let device_seq = self.device_seq.map(|seq| seq.to_string());
        let device = [&self.device_id, &device_seq, &self.claimed_at];
        parts.extend(device.into_iter().flatten().map(String::as_str));
        chain(&parts)
    }
}

async fn page(conn: &mut Conn, school_id: &str, after: i64) -> db::Result<Vec<Row>> {
    db::query_as(
        "select seq, op_id, actor_id, at, kind, subject_kind, subject_id, payload_mac, result,
            prev_hash, hash, device_id, device_seq, claimed_at
         from journal where school_id = $1 and seq > $2 order by seq limit 1000",
    )
    .bind(school_id)
    .bind(after)
    .fetch_all(conn)
    .await
}
