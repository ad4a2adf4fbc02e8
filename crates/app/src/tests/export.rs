//! The register's own export as a workbook, fault by fault.

use super::roster::{bring, girl};
use crate::on_both;
use crate::testing::{School, operation};
use axum::http::{Method, StatusCode};
use serde_json::json;

/// Heads of the register's own export; the title stands above them.
const EXPORT: [&str; 18] = [
    "学校名称",
    "年级",
    "班级",
    "姓名",
    "性别",
    "出生日期",
    "身份证件类型",
    "身份证件号",
    "全国学籍号",
    "现住址",
    "就读方式",
    "是否留守儿童",
    "家庭成员1姓名",
    "家庭成员1关系",
    "家庭成员1联系电话",
    "家庭成员1工作单位或务工地",
    "实际照料人",
    "照料人关系",
];

/// A line of the export: a girl of 四（1）班, and what is different about her.
fn of_export(serial: u32, other: &[(&str, &str)]) -> Vec<String> {
    let usual = [
        "青石小学",
        "四年级",
        "四年级(1)班",
        "林小雨",
        "女",
        "2016-03-12",
        "居民身份证",
        &girl(serial),
        "",
        "石门坎50号",
        "走读",
        "双亲留守儿童",
        "林强",
        "父亲",
        "16012345678",
        "上海市务工",
        "罗雨",
        "姑姑",
    ]
    .map(str::to_owned);
    let pairs = EXPORT.iter().zip(usual);
    let value = |(head, usual): (&&str, String)| {
        let own = other.iter().find(|(name, _)| name == head);
        own.map_or(usual, |(_, said)| (*said).to_owned())
    };
    pairs.map(value).collect()
}

/// The export as a workbook; numbers of documents that end in # are cells with a number.
fn workbook(lines: &[Vec<String>]) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write(0, 0, "学生基本信息表").unwrap();
    let heads = EXPORT.map(str::to_owned).to_vec();
    for (row, line) in (1_u32..).zip(std::iter::once(&heads).chain(lines)) {
        for (column, cell) in (0_u16..).zip(line) {
            match cell.strip_suffix('#') {
                Some(number) => {
                    let number: f64 = number.parse().unwrap();
                    sheet.write(row, column, number).unwrap();
                }
                None => {
                    sheet.write(row, column, cell).unwrap();
                }
            }
        }
    }
    book.save_to_buffer().unwrap()
}

/// The faults of a real export, each with what must come of it, from line 3 on.
#[expect(clippy::too_many_lines, reason = "a table: a line a fault")]
async fn the_registers_own_export_is_read_fault_by_fault(school: School) {
    let wrong = girl(431).replace("990827", "990872");
    let document = |number| ("身份证件号", number);
    let table = [
        (of_export(430, &[]), "ready", ""),
        (of_export(432, &[("姓名", "林三")]), "ready", ""),
        (
            of_export(433, &[("姓名", "林四"), document("990827201603120000#")]),
            "refused",
            "Excel",
        ),
        (
            of_export(434, &[("姓名", "林五"), ("出生日期", "2016.13.2")]),
            "refused",
            "没有13月",
        ),
        (
            of_export(431, &[("姓名", "林六"), document(&wrong)]),
            "refused",
            "校验位",
        ),
        (
            of_export(435, &[("姓名", "林七"), ("性别", "男")]),
            "ask",
            "哪一个对",
        ),
        (of_export(436, &[("姓名", "")]), "refused", "没有姓名"),
        (
            of_export(
                437,
                &[
                    ("姓名", "林八"),
                    ("年级", "九年级"),
                    ("班级", "九年级(7)班"),
                ],
            ),
            "refused",
            "没有九年级",
        ),
        (
            of_export(
                438,
                &[("姓名", "林九"), ("家庭成员1联系电话", "1600000123")],
            ),
            "ask",
            "少了1位",
        ),
        (of_export(430, &[]), "repeated", "第3行"),
        (of_export(430, &[document("")]), "ask", "第3行"),
        (
            of_export(
                439,
                &[
                    ("姓名", "阿依古丽•买买提"),
                    ("出生日期", "2016年3月12日"),
                    ("身份证件类型", "无"),
                    document(""),
                ],
            ),
            "ready",
            "",
        ),
        (
            of_export(
                440,
                &[
                    ("姓名", "林十"),
                    ("班级", "四（1）班"),
                    ("性别", " 女 "),
                    ("出生日期", "20160312"),
                    document(&full_width(&girl(440))),
                ],
            ),
            "ready",
            "",
        ),
    ];
    let dangan = school.sign_in("dangan").await;
    let lines: Vec<Vec<String>> = table.iter().map(|(line, ..)| line.clone()).collect();
    let import = bring(&dangan, &workbook(&lines)).await;
    for ((_, verdict, why), (row, at)) in table
        .iter()
        .zip(import["rows"].as_array().unwrap().iter().zip(3..))
    {
        assert_eq!(row["line"], at);
        assert_eq!(row["verdict"], *verdict, "{row}");
        assert!(row["why"].as_str().unwrap().contains(why), "{why} in {row}");
    }
    let path = format!("/api/v1/imports/{}/commit", import["id"].as_str().unwrap());
    let key = operation();
    let headers = [("idempotency-key", key.as_str())];
    let done = dangan
        .json((Method::POST, &path), &headers, &json!({}))
        .await;
    assert_eq!(done.is(StatusCode::OK).json()["opened"], 4);
    let class = crate::web::words::url("四（1）班");
    let list = dangan.get(&format!("/api/v1/children?class={class}")).await;
    list.says("阿依古丽·买买提").says("林十");
}

fn full_width(text: &str) -> String {
    let wide = |letter: char| match letter {
        '0'..='9' => char::from_u32(letter as u32 - '0' as u32 + '０' as u32).unwrap(),
        'X' => 'ｘ',
        other => other,
    };
    text.chars().map(wide).collect()
}

/// The cards of all come back as a list of names: by their numbers, with what the card has no place
/// for left as it is.
async fn the_contact_cards_come_back_through_the_roster(school: School) {
    school.adopt("p5").await;
    let dangan = school.sign_in("dangan").await;
    let cards = dangan
        .post("/print", "form=contact_card&whom=all&as=xlsx")
        .await;
    let cards = cards.is(StatusCode::OK).bytes;
    let back = dangan.upload("/dossiers/contact_card/back", &cards).await;
    back.is(StatusCode::UNPROCESSABLE_ENTITY).says("导入名单");
    let looked = dangan.upload("/office/import", &cards).await;
    let page = dangan.get(&looked.location).await;
    page.says("人和本校的一样").hides("会更新");
    let id = dangan.child("刘洋").await;
    let line = |number: &str| {
        format!("编号,姓名,班级,家庭详细地址\n{number},刘洋,五（2）班,石门乡新屋9号\n")
    };
    let looked = dangan.upload("/office/import", line(&id).as_bytes()).await;
    let page = dangan.get(&looked.location).await;
    page.says("会更新").says("新屋9号").hides("性别没有填");
    let go = format!("operation={}", operation());
    let done = dangan
        .post(&format!("{}/commit", looked.location), &go)
        .await;
    done.is(StatusCode::SEE_OTHER);
    let told = dangan.get(&format!("/api/v1/children/{id}")).await.json();
    assert_eq!(told["sex"], "male", "{told}");
    // A number of the school's own is nobody's here.
    let looked = dangan.upload("/office/import", line("17").as_bytes()).await;
    dangan.get(&looked.location).await.says("性别没有填");
}

on_both! {
    the_contact_cards_come_back_through_the_roster
    the_registers_own_export_is_read_fault_by_fault
}
