//! One child through lists and forms, step by step.

use super::brought::commit;
use super::roster::bring;
use crate::testing::{Person, operation};
use axum::http::{Method, StatusCode};
use serde_json::json;

/// One thing that somebody does.
pub enum Step {
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
pub struct Walk<'a> {
    pub who: &'a Person,
    pub name: &'a str,
    pub id: String,
    pub lists: Vec<String>,
}

impl<'a> Walk<'a> {
    pub fn of(who: &'a Person, name: &'a str) -> Self {
        Self {
            who,
            name,
            id: String::new(),
            lists: Vec::new(),
        }
    }

    pub fn home(&self) -> String {
        format!("/children/{}/home", self.id)
    }

    pub async fn list(&mut self, code: &str, father: &str, mother: &str) {
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

    pub async fn undo(&mut self) {
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

    pub async fn mistake(&self, title: &str) {
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

    pub async fn tell(&self, form: &str, rest: &str) {
        let sent = format!("operation={}&{rest}", operation());
        let path = format!("{}/{form}", self.home());
        self.who.post(&path, &sent).await.is(StatusCode::SEE_OTHER);
    }

    pub async fn take(&mut self, step: &Step) {
        match step {
            List(code, father, mother) => self.list(code, father, mother).await,
            Undo => self.undo().await,
            Tell(form, rest) => self.tell(form, rest).await,
            Mistake(title) => self.mistake(title).await,
        }
    }

    /// Where the two parents are, as the page says it: 在家, 在外, 没问, or what became of them.
    pub async fn parents(&self) -> [String; 2] {
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

pub const GD: &str = "广东省务工";
pub const ZJ: &str = "浙江省务工";
pub const FATHER_IN_MARCH: Step =
    Tell("parent", "parent=father&now=away&day=2025-03-01&place=Wuxi");
