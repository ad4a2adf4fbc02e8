//! What a school's lists say of a home, against what a teacher wrote of it by hand: in whatever order
//! they come, and whatever is taken back.

use super::brought::commit;
use super::roster::bring;
use crate::on_both;
use crate::testing::{Person, School, operation};
use axum::http::{Method, StatusCode};
use serde_json::json;

/// One thing that somebody does.
enum Step {
    /// A list: code (or 孤儿), where the father works, where the mother works.
    List(&'static str, &'static str, &'static str),
    /// Takes back the last list.
    Undo,
    /// A form of 家里的情况: which, and what it says.
    Tell(&'static str, &'static str),
    /// 记错了 at the line with this title.
    Mistake(&'static str),
}
use Step::{List, Mistake, Tell, Undo};

/// One child through its steps.
struct Walk<'a> {
    who: &'a Person,
    name: &'a str,
    id: String,
    lists: Vec<String>,
}

impl Walk<'_> {
    fn home(&self) -> String {
        format!("/children/{}/home", self.id)
    }

    async fn list(&mut self, code: &str, father: &str, mother: &str) {
        let (code, orphan) = match code {
            "孤儿" => ("0", "是"),
            code => (code, ""),
        };
        let phone = 16_012_345_000 + self.lists.len();
        let list = format!(
            "姓名,性别,班级,出生日期,是否留守儿童,是否孤儿,父亲姓名,母亲姓名,父亲工作单位,\
             母亲工作单位,父亲电话\n{},女,五（2）班,2015-03-12,{code},{orphan},甲爸,甲妈,{father},\
             {mother},{phone}\n",
            self.name
        );
        let import = bring(self.who, list.as_bytes()).await;
        commit(self.who, &import).await;
        self.lists.push(import["id"].as_str().unwrap().to_owned());
        self.id = self.who.child(self.name).await;
    }

    async fn undo(&mut self) {
        let last = self.lists.pop().unwrap();
        let path = format!("/api/v1/imports/{last}/undo");
        let key = operation();
        let head = [("idempotency-key", key.as_str())];
        let undone = self
            .who
            .json((Method::POST, &path), &head, &json!({}))
            .await;
        undone.is(StatusCode::OK);
    }

    async fn mistake(&self, title: &str) {
        let page = self.who.get(&self.home()).await.text;
        let row = page.split(&format!("row-title\">{title}")).nth(1).unwrap();
        let value = |name: &str| {
            let start = format!("name=\"{name}\" value=\"");
            let rest = row.split(&start).nth(1).unwrap();
            rest.split('"').next().unwrap().to_owned()
        };
        let (what, line) = (value("what"), value("line"));
        self.tell("drop", &format!("what={what}&line={line}")).await;
    }

    async fn tell(&self, form: &str, rest: &str) {
        let sent = format!("operation={}&{rest}", operation());
        let path = format!("{}/{form}", self.home());
        self.who.post(&path, &sent).await.is(StatusCode::SEE_OTHER);
    }

    async fn take(&mut self, step: &Step) {
        match step {
            List(code, father, mother) => self.list(code, father, mother).await,
            Undo => self.undo().await,
            Tell(form, rest) => self.tell(form, rest).await,
            Mistake(title) => self.mistake(title).await,
        }
    }

    /// Where the two parents are, as the page says it: 在家, 在外, 没问, or what became of them.
    async fn parents(&self) -> [String; 2] {
        let page = self.who.get(&self.home()).await.text;
        ["爸爸", "妈妈"].map(|one| {
            let start = format!("<p><strong>{one}</strong> ");
            let rest = page.split(&start).nth(1).unwrap();
            let said = rest.split("</p>").next().unwrap();
            match said {
                _ if said.contains("还没有问过") => "没问".to_owned(),
                _ if said.contains("去的") || said.contains("在外面") => "在外".to_owned(),
                _ => said.to_owned(),
            }
        })
    }
}

const GD: &str = "广东省务工";
const ZJ: &str = "浙江省务工";
const FATHER_IN_MARCH: Step = Tell("parent", "parent=father&now=away&day=2025-03-01&place=Wuxi");

/// Whatever a teacher said of one parent stands; of the other the newest list is heard, and where it
/// says nothing certain that parent is asked about, and never silently at home.
#[expect(clippy::too_many_lines, reason = "one table")]
async fn whose_word_stands(school: School) {
    let dangan = school.sign_in("dangan").await;
    let table: Vec<(Vec<Step>, [&str; 2])> = vec![
        (
            vec![List("2", GD, ZJ), FATHER_IN_MARCH, List("2", GD, "已故")],
            ["在外", "没问"],
        ),
        (
            vec![
                List("1", GD, "在家"),
                FATHER_IN_MARCH,
                List("1", GD, "服刑"),
            ],
            ["在外", "没问"],
        ),
        (
            vec![
                List("0", "", ""),
                Tell("parent", "parent=father&now=home"),
                List("0", "", "服刑"),
            ],
            ["在家", "没问"],
        ),
        (
            vec![
                List("0", "", ""),
                Tell("parent", "parent=mother&now=home"),
                List("是", GD, ""),
            ],
            ["没问", "在家"],
        ),
        (
            vec![
                List("2", GD, ZJ),
                Tell("parent", "parent=father&now=dead&day=2025-09-10"),
                List("孤儿", "", ""),
            ],
            ["不在了", "没问"],
        ),
        // What a list ended lasts again with the list's undoing, and behind a mistake.
        (
            vec![
                List("2", GD, ZJ),
                Tell("parent", "parent=father&now=imprisoned&day=2025-09-29"),
                List("2", GD, ZJ),
                Undo,
                Mistake("爸爸在服刑"),
            ],
            ["在外", "在外"],
        ),
        // A mistake takes all its answers with it.
        (
            vec![
                List("", "", ""),
                Tell("parent", "parent=mother&now=home"),
                Tell("parent", "parent=father&now=away&day=2025-03-01"),
                FATHER_IN_MARCH,
                Mistake("爸爸在"),
            ],
            ["没问", "在家"],
        ),
        (
            vec![
                List("2", GD, ZJ),
                Tell("parent", "parent=father&now=missing&day=2025-09-01"),
                Tell("parent", "parent=father&now=imprisoned&day=2025-09-01"),
                Mistake("爸爸在服刑"),
            ],
            ["还没联系上", "在外"],
        ),
        // A line of a list that is taken out is an answer, also when a hand had mended it.
        (
            vec![
                List("1", GD, "在家"),
                FATHER_IN_MARCH,
                Mistake("爸爸在"),
                List("1", GD, "在家"),
            ],
            ["在家", "在家"],
        ),
        // One that has ended says nothing of today.
        (
            vec![
                List("2", GD, ZJ),
                List("0", "", ""),
                Mistake("爸爸在"),
                List("2", GD, ZJ),
            ],
            ["在外", "在外"],
        ),
        // A mended list is heard, though its code is the same.
        (vec![List("1", GD, ZJ)], ["没问", "没问"]),
        (
            vec![List("1", GD, ZJ), List("1", GD, "在家")],
            ["在外", "在家"],
        ),
        (
            vec![List("2", "在家", ZJ), List("2", GD, ZJ)],
            ["在外", "在外"],
        ),
        (
            vec![List("0", GD, ""), List("0", "在家", "")],
            ["在家", "在家"],
        ),
        (
            vec![List("0", "已故", ""), List("0", "在家", "")],
            ["在家", "在家"],
        ),
        // Both gone by two lists: nobody is at home for that.
        (
            vec![List("2", GD, ZJ), List("2", "已故", "服刑")],
            ["没问", "没问"],
        ),
        (
            vec![List("2", GD, ZJ), List("2", "已故", "服刑"), Undo],
            ["在外", "在外"],
        ),
    ];
    for (at, (steps, expected)) in table.iter().enumerate() {
        let letter = char::from_u32(0x4e00 + u32::try_from(at).unwrap()).unwrap();
        let name = format!("石{letter}满");
        let mut walk = Walk {
            who: &dangan,
            name: &name,
            id: String::new(),
            lists: Vec::new(),
        };
        for step in steps {
            walk.take(step).await;
        }
        assert_eq!(walk.parents().await, *expected, "case {at}");
        let census = dangan.get("/census").await.text;
        let is_asked = !census.contains(&format!("{name}的爸妈都在家"));
        assert_eq!(is_asked, !expected.contains(&"没问"), "case {at}");
    }
    let faults = crate::commands::data_faults(&school.app).await.unwrap().1;
    assert!(faults.is_empty(), "{faults:?}");
}

/// With whom a child lives is an answer like any other: no list changes it, not even where a line was
/// taken out; and a place that a teacher wrote stays on the page and on the card.
async fn no_list_moves_a_child_or_a_place(school: School) {
    let dangan = school.sign_in("dangan").await;
    let list = |code: &str, carer: &str| {
        format!(
            "姓名,性别,班级,出生日期,是否留守儿童,父亲姓名,父亲工作单位,监护人姓名,监护人关系\n\
             石小满,女,五（2）班,2015-03-12,{code},甲爸,{GD},{carer}\n"
        )
    };
    let put_in = async |code: &str, carer: &str| {
        let import = bring(&dangan, list(code, carer).as_bytes()).await;
        commit(&dangan, &import).await;
    };
    let mut walk = Walk {
        who: &dangan,
        name: "石小满",
        id: String::new(),
        lists: Vec::new(),
    };
    put_in("1", "石奶奶,奶奶").await;
    walk.id = dangan.child("石小满").await;
    let home = walk.home();
    dangan.get(&home).await.says("和爷爷奶奶或外公外婆一起住");
    walk.tell("living", "kind=alone&day=2025-09-20").await;
    walk.take(&FATHER_IN_MARCH).await;
    for code in ["1", "0", "2"] {
        put_in(code, "石奶奶,奶奶").await;
        let page = dangan.get(&home).await;
        let page = page.says("自己一个人住").says("9月20日—现在");
        page.says("爸爸在Wuxi").hides(GD);
        let card = dangan.get(&format!("/children/{}/card", walk.id)).await;
        card.says("Wuxi").hides("Wuxi改成");
    }
    walk.mistake("自己一个人住").await;
    dangan.get(&home).await.says("和爷爷奶奶或外公外婆一起住");
    walk.mistake("和爷爷奶奶").await;
    put_in("2", "石奶奶,奶奶").await;
    dangan.get(&home).await.says("和谁一起住还不知道");
}

/// Who is told to be away again is on no visit any more, whether or not a day is said.
async fn who_goes_away_again_ends_a_visit(school: School) {
    let dangan = school.sign_in("dangan").await;
    for (name, told, until) in [
        ("石小满", "&day=2025-09-20&place=Wuxi", "9月10日—9月19日"),
        ("石大川", "&place=Wuxi", "9月10日—9月29日"),
    ] {
        let mut walk = Walk {
            who: &dangan,
            name,
            id: String::new(),
            lists: Vec::new(),
        };
        walk.list("2", GD, ZJ).await;
        walk.take(&FATHER_IN_MARCH).await;
        walk.tell("stay", "parent=father&from=2025-09-10").await;
        // More of the same absence ends nothing.
        walk.take(&FATHER_IN_MARCH).await;
        dangan.get(&walk.home()).await.says("9月10日—现在");
        let away = format!("parent=father&now=away{told}");
        walk.tell("parent", &away).await;
        dangan.get(&walk.home()).await.says(until);
    }
}

/// Words for the dead and the imprisoned are no place, whether or not the list has a code.
async fn no_such_word_goes_on_a_card(school: School) {
    let dangan = school.sign_in("dangan").await;
    for (name, code) in [("石小满", ""), ("石大川", "孤儿")] {
        let mut walk = Walk {
            who: &dangan,
            name,
            id: String::new(),
            lists: Vec::new(),
        };
        walk.list(code, "已故", "服刑").await;
        assert_eq!(walk.parents().await, ["没问", "没问"]);
        for page in ["", "/card"] {
            let path = format!("/children/{}{page}", walk.id);
            dangan.get(&path).await.hides("已故").hides("服刑");
        }
    }
}

on_both! {
    whose_word_stands
    no_list_moves_a_child_or_a_place
    who_goes_away_again_ends_a_visit
    no_such_word_goes_on_a_card
}
