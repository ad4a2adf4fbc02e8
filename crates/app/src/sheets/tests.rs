//! What comes out of the files that schools bring, good and bad.

use std::io::{Cursor, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::ExitStatus;

use encoding_rs::GB18030;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook, Worksheet};
use zip::write::{SimpleFileOptions, ZipWriter};

use super::cage::verdict;
use super::{
    Cell, MAX_ROWS, MEND_LINE, MEND_WHY, MendRow, Sheet, SheetFault, SheetRow, mend_sheet, read,
    read_caged, read_pasted,
};

use proptest::prelude::*;

/// The first bytes decide which reader looks at them.
fn any_file() -> impl Strategy<Value = Vec<u8>> {
    let start = prop_oneof![
        Just(&b""[..]),
        Just(&b"PK\x03\x04"[..]),
        Just(&b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"[..]),
        Just(&b"\xef\xbb\xbf"[..]),
        Just(&b"\xff\xfe"[..]),
    ];
    let rest = proptest::collection::vec(any::<u8>(), 0..4096);
    (start, rest).prop_map(|(start, rest)| [start, &rest].concat())
}

proptest! {
    /// `PROPTEST_CASES=100000` makes a night of it.
    #[test]
    fn any_bytes_are_read_or_refused(bytes in any_file()) {
        let _ = read(&bytes);
    }

    /// A good workbook with some bytes of it changed.
    #[test]
    fn a_damaged_workbook_is_read_or_refused(
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut bytes = workbook(|sheet| {
            sheet.write_string(0, 0, "姓名").unwrap();
            sheet.write_string(1, 0, "李思雨").unwrap();
        });
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let _ = read(&bytes);
    }
}

#[test]
fn the_list_is_found_behind_a_notice() {
    let mut book = Workbook::new();
    book.add_worksheet()
        .write_string(0, 0, "填表说明：请先看完")
        .unwrap();
    let list = book.add_worksheet();
    list.write_string(0, 0, "姓名").unwrap();
    list.write_string(1, 0, "李思雨").unwrap();
    let sheet = read(&book.save_to_buffer().unwrap()).unwrap();
    assert_eq!(sheet.rows[1].cells[0], text("李思雨"));
}

#[test]
fn lists_on_further_tabs_are_named() {
    let mut book = Workbook::new();
    for (tab, head) in [
        ("三年级", "姓名"),
        ("四年级", "姓名"),
        ("说明", "把姓名写全"),
    ] {
        let list = book.add_worksheet();
        list.set_name(tab).unwrap();
        list.write_string(0, 0, head).unwrap();
        list.write_string(1, 0, "李思雨").unwrap();
    }
    let sheet = read(&book.save_to_buffer().unwrap()).unwrap();
    assert_eq!(
        (sheet.rows.len(), sheet.unread),
        (2, vec!["四年级".to_owned()])
    );
}

const ROSTER: &str =
    "姓名,身份证件号,班级\n李思雨,990827201503120017,五（2）班\n𠮷小明,,三（1）班\n";

fn workbook(fill: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    let mut book = Workbook::new();
    fill(book.add_worksheet());
    book.save_to_buffer().unwrap()
}

fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, body) in entries {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(body).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn text(said: &str) -> Cell {
    Cell::Text(said.to_owned())
}

fn number(said: &str) -> Cell {
    Cell::Number(said.to_owned())
}

fn row(line: u32, cells: &[&str]) -> SheetRow {
    let cells = cells.iter().map(|said| match *said {
        "" => Cell::Empty,
        said => text(said),
    });
    SheetRow {
        line,
        cells: cells.collect(),
    }
}

#[track_caller]
fn check_roster(read: Result<Sheet, SheetFault>) {
    let rows = vec![
        row(1, &["姓名", "身份证件号", "班级"]),
        row(2, &["李思雨", "990827201503120017", "五（2）班"]),
        row(3, &["𠮷小明", "", "三（1）班"]),
    ];
    assert_eq!(read.map(|sheet| sheet.rows), Ok(rows));
}

#[track_caller]
fn check_fault(bytes: &[u8], fault: &SheetFault) {
    assert_eq!(read(bytes).as_ref(), Err(fault));
}

#[test]
fn a_csv_is_read_in_every_encoding_that_excel_and_wps_save() {
    let (gb18030, ..) = GB18030.encode(ROSTER);
    let utf16: Vec<u8> = ROSTER.encode_utf16().flat_map(u16::to_le_bytes).collect();
    check_roster(read(ROSTER.as_bytes()));
    check_roster(read(&[b"\xef\xbb\xbf", ROSTER.as_bytes()].concat()));
    check_roster(read(&gb18030));
    check_roster(read(&[b"\xff\xfe".as_slice(), &utf16].concat()));
}

#[test]
fn a_csv_is_read_with_every_delimiter_and_line_end() {
    check_roster(read(ROSTER.replace(',', ";").as_bytes()));
    check_roster(read(ROSTER.replace(',', "\t").as_bytes()));
    check_roster(read(ROSTER.replace('\n', "\r\n").as_bytes()));
    check_roster(read(ROSTER.replace('\n', "\r").as_bytes()));
    check_roster(read(ROSTER.trim_end().as_bytes()));
}

#[test]
fn cells_pasted_from_wps_are_the_same_sheet() {
    check_roster(read_pasted(
        &ROSTER.replace(',', "\t").replace('\n', "\r\n"),
    ));
    assert_eq!(read_pasted(" \r\n\t\t\r\n"), Err(SheetFault::Empty));
}

#[test]
fn lines_are_counted_as_excel_shows_them() {
    let sheet = read("\n\n姓名,住址\n\n李思雨,\"石门坎\n50号\"\n,,\n陈浩,\n".as_bytes()).unwrap();
    let rows = vec![
        row(3, &["姓名", "住址"]),
        row(5, &["李思雨", "石门坎\n50号"]),
        row(7, &["陈浩"]),
    ];
    assert_eq!(sheet.rows, rows);
}

#[test]
fn a_lone_quote_does_not_swallow_the_children_below_it() {
    let mut pasted = String::from("姓名\t住址\n李思雨\t\"石门坎\n");
    for _ in 0..5 {
        pasted.push_str("陈浩\t白岩村\n");
    }
    let sheet = read_pasted(&pasted).unwrap();
    assert_eq!(sheet.rows.len(), 7);
    assert_eq!(sheet.rows[1], row(2, &["李思雨", "\"石门坎"]));
}

#[test]
fn the_ways_to_keep_a_long_number_in_a_csv_are_undone() {
    let kept = "a,b\n=\"990827201503120017\",\t990827201503120017\n'990827201503120017,'=1+1\n";
    let sheet = read(kept.as_bytes()).unwrap();
    assert_eq!(
        sheet.rows[1],
        row(2, &["990827201503120017", "990827201503120017"])
    );
    assert_eq!(sheet.rows[2], row(3, &["990827201503120017", "=1+1"]));
}

#[test]
fn an_id_number_that_excel_ate_stays_a_number() {
    let bytes = workbook(|sheet| {
        sheet.write_number(0, 0, 990_827_201_503_120_000.0).unwrap();
        sheet.write_number(0, 1, 12.5).unwrap();
        sheet.write_number(0, 2, -0.0).unwrap();
    });
    let cells = vec![number("990827201503120000"), number("12.5"), number("0")];
    assert_eq!(read(&bytes).unwrap().rows[0].cells, cells);
    // Digits that it left out are not made up: a stranger might have the number.
    let csv = "身份证件号,姓名,电话,电话\n9.90827E+17,3E班,1.39E+10,1.3612345678E+10\n";
    let csv = read(csv.as_bytes()).unwrap();
    assert_eq!(
        csv.rows[1].cells,
        vec![
            text("9.90827E+17"),
            text("3E班"),
            text("1.39E+10"),
            number("13612345678")
        ]
    );
}

#[test]
fn dates_and_formulas_come_as_what_excel_shows() {
    let day = Format::new().set_num_format("yyyy\"年\"m\"月\"d\"日\"");
    let clock = Format::new().set_num_format("h:mm");
    let bytes = workbook(|sheet| {
        let born = ExcelDateTime::parse_from_str("2015-03-12").unwrap();
        sheet.write_with_format(0, 0, &born, &day).unwrap();
        sheet.write_with_format(0, 1, 0.5, &clock).unwrap();
        sheet
            .write_with_format(0, 2, 990_827_201_503_120_000.0, &day)
            .unwrap();
        sheet
            .write_formula(0, 3, Formula::new("=1+1").set_result("2"))
            .unwrap();
        sheet
            .write_string(0, 4, "=HYPERLINK(\"http://x\")")
            .unwrap();
        sheet.write_boolean(0, 5, true).unwrap();
    });
    let cells = vec![
        Cell::Date("2015-03-12".to_owned()),
        text("12:00"),
        number("990827201503120000"),
        number("2"),
        text("=HYPERLINK(\"http://x\")"),
        text("TRUE"),
    ];
    assert_eq!(read(&bytes).unwrap().rows[0].cells, cells);
}

#[test]
fn blanks_are_dropped_at_the_end_and_kept_in_the_middle() {
    let bytes = workbook(|sheet| {
        sheet
            .write_string(2, 1, "\u{202d}16012345678\u{202c}")
            .unwrap();
        sheet.write_string(2, 5, "　 ").unwrap();
        sheet.write_string(4, 0, " ").unwrap();
        sheet
            .write_blank(900, 900, &Format::new().set_bold())
            .unwrap();
    });
    let sheet = read(&bytes).unwrap();
    assert_eq!(sheet.rows, vec![row(3, &["", "16012345678"])]);
}

#[test]
fn the_first_visible_sheet_that_has_rows_is_read() {
    let mut book = Workbook::new();
    book.add_worksheet();
    let hidden = book.add_worksheet();
    hidden.set_hidden(true);
    hidden.write_string(0, 0, "选项").unwrap();
    book.add_worksheet().write_string(0, 0, "姓名").unwrap();
    let sheet = read(&book.save_to_buffer().unwrap()).unwrap();
    assert_eq!(sheet.rows, vec![row(1, &["姓名"])]);
}

#[test]
fn a_far_cell_is_named() {
    let bytes = workbook(|sheet| {
        sheet.write_string(0, 0, "姓名").unwrap();
        sheet.write_string(1_048_575, 16_383, "x").unwrap();
    });
    let place = "XFD1048576".to_owned();
    check_fault(&bytes, &SheetFault::FarCell { place });
    let below = workbook(|sheet| {
        sheet.write_string(0, 0, "姓名").unwrap();
        sheet.write_string(499_999, 0, "x").unwrap();
    });
    let place = "A500000".to_owned();
    check_fault(&below, &SheetFault::FarCell { place });
}

#[test]
fn too_many_rows_and_too_many_cells_are_told_apart() {
    let limit = usize::try_from(MAX_ROWS).unwrap();
    assert_eq!(
        read("陈浩\n".repeat(limit).as_bytes()).unwrap().rows.len(),
        limit
    );
    let long = "陈浩\n".repeat(limit + 1);
    check_fault(
        long.as_bytes(),
        &SheetFault::TooManyRows { limit: MAX_ROWS },
    );
    let wide = format!("{}\n", ",".repeat(60) + "x").repeat(80_000);
    check_fault(wide.as_bytes(), &SheetFault::TooManyCells);
}

#[test]
fn a_text_that_every_cell_points_to_is_counted_each_time() {
    let long = "长".repeat(10_000);
    let bytes = workbook(|sheet| {
        for line in 0..2_500 {
            sheet.write_string(line, 0, &long).unwrap();
        }
    });
    check_fault(&bytes, &SheetFault::Overstuffed);
}

#[test]
fn a_zip_bomb_is_refused_before_it_is_read() {
    let zeros = vec![0; 8 * 1024 * 1024];
    let bomb = archive(&[
        ("xl/workbook.xml", b"<workbook/>"),
        ("xl/worksheets/sheet1.xml", &zeros),
    ]);
    check_fault(&bomb, &SheetFault::Overstuffed);
    let names: Vec<String> = (0..70).map(|n| format!("xl/media/{n}.png")).collect();
    let mut entries: Vec<(&str, &[u8])> = vec![("xl/workbook.xml", b"<workbook/>")];
    entries.extend(names.iter().map(|name| (name.as_str(), b"x".as_slice())));
    check_fault(&archive(&entries), &SheetFault::Overstuffed);
}

#[test]
fn a_word_file_is_read_by_its_rows() {
    let cell = |inside: &str| format!("<w:tc><w:p>{inside}</w:p></w:tc>");
    let run = |inside: &str| format!("<w:r><w:t>{inside}</w:t></w:r>");
    let row = format!(
        "<w:tr>{}{}{}</w:tr>",
        cell(&run("姓名")),
        cell("<w:r><w:t>a &amp;</w:t><w:br/><w:t> &#x4E2D;</w:t></w:r>"),
        cell(&format!(
            "<w:tab/><w:del><w:r><w:t>gone</w:t></w:r></w:del>{}</w:p><w:p>{}",
            run("one"),
            run("two")
        )),
    );
    let inner = format!("<w:tbl><w:tr>{}</w:tr></w:tbl>", cell(&run("inner")));
    let nested = format!(
        "<w:tr><w:tc><w:p>{}</w:p>{inner}</w:tc></w:tr>",
        run("outer")
    );
    let text = format!(
        "<w:document><w:body><w:p>{}</w:p><w:p/><w:tbl>{row}{nested}</w:tbl></w:body></w:document>",
        run("head")
    );
    let read = read(&archive(&[("word/document.xml", text.as_bytes())])).unwrap();
    let said: Vec<Vec<&str>> = read
        .rows
        .iter()
        .map(|row| row.cells.iter().map(Cell::text).collect())
        .collect();
    let wanted = [
        vec!["head"],
        vec!["姓名", "a &\n 中", "one\ntwo"],
        vec!["outer\ninner"],
    ];
    assert_eq!(said, wanted);
    let torn = archive(&[("word/document.xml", b"<w:document><w:p></w:tbl>")]);
    check_fault(&torn, &SheetFault::Damaged);
}

/// One letter that nobody can see, left by another program, is no reason to refuse a list.
#[test]
fn a_letter_that_nobody_sees_is_passed_over() {
    let text = "姓名,性别,班级,家庭住址\n李\u{7}思雨,女,五（2）班,石门乡李家湾10号\n";
    let sheet = read(text.as_bytes()).unwrap();
    assert_eq!(sheet.rows[1].cells[0].text(), "李思雨");
}

#[test]
fn what_is_no_sheet_is_called_so() {
    let slides = archive(&[("ppt/presentation.xml", b"<p:presentation/>")]);
    check_fault(&slides, &SheetFault::NotASheet);
    let letter = archive(&[("word/document.xml", b"<w:document/>")]);
    check_fault(&letter, &SheetFault::Empty);
    check_fault(
        "<html><table><tr><td>姓名</td></tr></table></html>".as_bytes(),
        &SheetFault::NotASheet,
    );
    check_fault(b"%PDF-1.7\n1 0 obj", &SheetFault::NotASheet);
    check_fault(
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR",
        &SheetFault::NotASheet,
    );
    check_fault(&noise(4_096), &SheetFault::NotASheet);
    check_fault(
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and no more",
        &SheetFault::NotASheet,
    );
}

#[test]
fn text_in_no_known_encoding_is_called_so() {
    check_fault(b"name\n\xff\xff\xff\n", &SheetFault::Unreadable);
    check_fault(b"\xef\xbb\xbfname\n\xd0\xd5\n", &SheetFault::Unreadable);
}

#[test]
fn nothing_is_read_from_nothing() {
    check_fault(b"", &SheetFault::Empty);
    check_fault(&workbook(|_| {}), &SheetFault::Empty);
    check_fault(
        &vec![b'a'; 10 * 1024 * 1024 + 1],
        &SheetFault::TooBig { limit_mib: 10 },
    );
}

#[test]
fn a_cut_workbook_is_damaged_wherever_it_is_cut() {
    let whole = workbook(|sheet| {
        sheet.write_string(0, 0, "姓名").unwrap();
    });
    for kept in (4..whole.len()).step_by(97) {
        let cut = &whole[..kept];
        assert!(matches!(read(cut), Err(SheetFault::Damaged)), "{kept}");
    }
}

#[test]
fn a_locked_workbook_is_called_so() {
    let name: Vec<u8> = "EncryptedPackage"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let locked = [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".as_slice(), &name].concat();
    check_fault(&locked, &SheetFault::Encrypted);
}

#[test]
fn no_flipped_byte_brings_the_reader_down() {
    let whole = workbook(|sheet| {
        for line in 0..40 {
            sheet.write_string(line, 0, format!("陈浩{line}")).unwrap();
        }
    });
    for (position, twist) in (0..whole.len()).step_by(13).zip(noise(whole.len())) {
        let mut bent = whole.clone();
        bent[position] ^= twist | 1;
        if let Err(fault) = read(&bent) {
            assert!(!fault.sentence().is_empty());
        }
    }
}

#[test]
fn every_fault_says_plainly_what_to_do() {
    let place = "XFD1048576".to_owned();
    let faults = [
        SheetFault::Empty,
        SheetFault::TooBig { limit_mib: 10 },
        SheetFault::Overstuffed,
        SheetFault::NotASheet,
        SheetFault::Encrypted,
        SheetFault::FarCell { place },
        SheetFault::TooManyCells,
        SheetFault::TooManyRows { limit: MAX_ROWS },
        SheetFault::Damaged,
        SheetFault::TookTooLong,
        SheetFault::Unreadable,
        SheetFault::ReaderDown,
    ];
    for sentence in faults.map(|fault| fault.sentence()) {
        assert!(
            sentence.contains("请") && sentence.ends_with('。'),
            "{sentence}"
        );
        for harsh in ["！", "务必", "严禁", "逾期", "失败", "错误", " "] {
            assert!(!sentence.contains(harsh), "{sentence}");
        }
    }
}

#[tokio::test]
async fn a_reader_that_cannot_start_is_our_fault() {
    let bytes = ROSTER.as_bytes().to_vec();
    let read = read_caged(Path::new("/nonexistent/nuanchao"), bytes.clone()).await;
    assert_eq!(read, Err(SheetFault::ReaderDown));
    let read = read_caged(Path::new("/bin/false"), bytes).await;
    assert_eq!(read, Err(SheetFault::ReaderDown));
}

#[test]
fn how_the_reader_ended_decides_what_is_said() {
    let ended = |raw| verdict(ExitStatus::from_raw(raw), b"");
    assert_eq!(ended(24), Err(SheetFault::TookTooLong));
    assert_eq!(ended(6), Err(SheetFault::Damaged));
    assert_eq!(ended(101 << 8), Err(SheetFault::Damaged));
    assert_eq!(ended(1 << 8), Err(SheetFault::ReaderDown));
    assert_eq!(ended(0), Err(SheetFault::Damaged));
    let told = serde_json::to_vec(&read(ROSTER.as_bytes())).unwrap();
    check_roster(verdict(ExitStatus::from_raw(0), &told));
}

fn mended() -> Vec<u8> {
    let head = ["姓名", "性别", "身份证件号"].map(str::to_owned);
    let rows = [
        MendRow {
            line: 37,
            why: "身份证号后几位变成了0".to_owned(),
            cells: ["陈浩", "男", "990827201503120000"]
                .map(str::to_owned)
                .to_vec(),
            wrong: vec![(2, "18位都要在".to_owned()), (2, "整列设成文本".to_owned())],
        },
        MendRow {
            line: 52,
            why: "还没有姓名".to_owned(),
            cells: ["", "=1+1", "@x"].map(str::to_owned).to_vec(),
            wrong: vec![(0, "写上姓名".to_owned())],
        },
    ];
    let choices = [(1, ["男", "女"].map(str::to_owned).to_vec())];
    mend_sheet(&head, &rows, (&choices, true)).unwrap()
}

fn parts_of(bytes: &[u8]) -> Vec<(String, String)> {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..zip.len())
        .map(|index| {
            let entry = zip.by_index(index).unwrap();
            let name = entry.name().unwrap().into_owned();
            (name, std::io::read_to_string(entry).unwrap())
        })
        .collect()
}

#[test]
fn the_sheet_to_mend_is_read_back_with_its_key() {
    let sheet = read(&mended()).unwrap();
    let rows = vec![
        row(1, &[MEND_WHY, "姓名", "性别", "身份证件号", MEND_LINE]),
        row(
            2,
            &[
                "身份证号后几位变成了0",
                "陈浩",
                "男",
                "990827201503120000",
                "37",
            ],
        ),
        row(3, &["还没有姓名", "", "=1+1", "@x", "52"]),
    ];
    assert_eq!(sheet.rows, rows);
}

#[test]
fn the_sheet_to_mend_holds_no_formula_and_points_nowhere() {
    let parts = parts_of(&mended());
    let of = |name: &str| {
        let found = parts.iter().find(|(part, _)| part == name);
        found.map_or("", |(_, body)| body.as_str()).to_owned()
    };
    assert!(parts.iter().all(|(_, body)| !body.contains("<f>")));
    assert!(parts.iter().all(|(_, body)| !body.contains("TargetMode")));
    let sheet = of("xl/worksheets/sheet1.xml");
    assert!(sheet.contains("state=\"frozen\""));
    assert!(sheet.contains("hidden=\"1\""));
    assert!(sheet.contains("'选项'!$A$1:$A$2"));
    let notes = of("xl/comments1.xml");
    assert!(notes.contains("18位都要在\n整列设成文本") && notes.contains("写上姓名"));
    let book = of("xl/workbook.xml");
    assert!(book.contains("怎么改") && book.contains("state=\"hidden\""));
}

#[test]
fn a_sheet_to_mend_without_rows_or_with_endless_cells_is_still_a_sheet() {
    assert!(mend_sheet(&[], &[], (&[(0, vec!["男".to_owned()])], true)).is_ok());
    let long = MendRow {
        line: 1,
        why: "长".repeat(40_000),
        cells: vec!["𠮷".repeat(40_000)],
        wrong: vec![(5, "这一列没有内容".to_owned())],
    };
    assert!(mend_sheet(&["姓名".to_owned()], &[long], (&[], true)).is_ok());
}

/// The same noise in every run.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_u32;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state.to_le_bytes()[1]
    })
    .take(length)
    .collect()
}
