use super::set::{pages_of, set_rows};
use super::*;

fn sheet(name: &str) -> Sheet {
    Sheet {
        school: "青石小学".to_owned(),
        title: "留守儿童基本情况登记表".to_owned(),
        about: String::new(),
        entry: "基本情况登记".to_owned(),
        level: 1,
        wide: false,
        blocks: vec![
            Block::Fields {
                rows: vec![
                    Row {
                        cells: vec![Cell::new("姓名", name), Cell::new("性别", "女")],
                        room: 0,
                    },
                    Row {
                        cells: vec![Cell::new("备注", "#import \"x\" $ * _ = 1\n第二行")],
                        room: 30,
                    },
                ],
            },
            Block::Table {
                heads: vec!["日期".to_owned(), "内容".to_owned()],
                widths: vec![1, 3],
                rows: (0..80)
                    .map(|at| vec![format!("9月{at}日"), "谈心".to_owned()])
                    .collect(),
                marks: Vec::new(),
            },
        ],
        signers: vec!["家长签字".to_owned(), "教师签字".to_owned()],
        stamp: true,
        rows: Rows::Open,
        mark: String::new(),
    }
}

#[test]
fn what_comes_as_data_is_set_as_text_and_never_as_markup() {
    let paper = Paper {
        title: "档案".to_owned(),
        foot: "印有个人信息，用完请收好".to_owned(),
        contents: Some("一生一档".to_owned()),
        sheets: vec![sheet("阿依古丽·买买提"), sheet("𬭼")],
        ..Paper::default()
    };
    let pdf = pdf(paper).unwrap();
    assert!(pdf.starts_with(b"%PDF-"));
    assert!(pdf.len() < 400 * 1024, "{} bytes", pdf.len());
}

/// A letter for which there is no face anywhere: the foot says so. One for which there is, is drawn.
#[test]
fn a_letter_that_nobody_can_draw_is_told() {
    assert_eq!(super::world::undrawn("李思雨 A1，。√□"), 0);
    assert_eq!(super::world::undrawn("李\u{10FFFD}\u{10FFFD}\u{E000}"), 2);
}

#[test]
fn nine_cards_take_three_pages() {
    let card = Card {
        rows: vec![Row {
            cells: vec![Cell::new("姓名", "李思雨"), Cell::new("性别", "女")],
            room: 0,
        }],
        sign: vec!["照看人签字".to_owned(), "核对日期".to_owned()],
    };
    let paper = Paper {
        title: "联系卡".to_owned(),
        cards: vec![card; 9],
        ..Paper::default()
    };
    let pdf = pdf(paper).unwrap();
    let text = String::from_utf8_lossy(&pdf);
    assert!(text.contains("/Count 3"), "not three pages");
}

fn text(length: usize) -> String {
    "照看人说他近来吃得好"
        .chars()
        .cycle()
        .take(length)
        .collect()
}

/// A sheet with so many rows of each sort, whose cells are so long.
fn made((rows, length, columns): (usize, usize, usize)) -> Sheet {
    let cells = vec![Cell::new("家庭经济情况", text(length)); columns];
    let line: Vec<String> = (0..columns + 2).map(|_| text(length / 2)).collect();
    Sheet {
        blocks: vec![
            Block::Head { text: text(6) },
            Block::Fields {
                rows: vec![Row { cells, room: 0 }; rows],
            },
            Block::Table {
                heads: line.clone(),
                widths: vec![1; columns + 2],
                rows: vec![line; rows],
                marks: Vec::new(),
            },
            Block::Note { text: text(length) },
        ],
        ..sheet("一")
    }
}

/// What is not tried because it surely fits does fit, with open rows, whatever it is made of.
#[test]
fn what_surely_fits_takes_one_page() {
    let all = (1..16).flat_map(|rows| {
        let lengths = [1, 6, 15, 40, 90].into_iter();
        lengths.flat_map(move |length| (1..4).map(move |columns| (rows, length, columns)))
    });
    let (fit, other): (Vec<Sheet>, Vec<Sheet>) = all.map(made).partition(surely_fits);
    assert!(fit.len() > 20 && !other.is_empty(), "{} fit", fit.len());
    assert!(pages_of(fit).into_iter().all(|pages| pages == 1));
}

/// A long list of what was written is not tried, and an empty one for a hand is.
#[test]
fn a_long_list_has_close_rows() {
    let list = |said: &str| Sheet {
        blocks: vec![Block::Table {
            heads: vec!["日期".to_owned(), "内容".to_owned()],
            widths: vec![2, 6],
            rows: vec![vec![said.to_owned(), said.to_owned()]; 60],
            marks: Vec::new(),
        }],
        ..sheet("一")
    };
    let mut sheets = [list("谈心"), list("")];
    set_rows(&mut sheets);
    assert_eq!(
        sheets.each_ref().map(|one| one.rows),
        [Rows::Snug, Rows::Open]
    );
}

#[test]
fn rows_are_as_high_as_costs_no_page() {
    let long = |rows: usize| {
        let row = Row {
            cells: vec![Cell::new("项目", "几个字")],
            room: 0,
        };
        Sheet {
            blocks: vec![Block::Fields {
                rows: vec![row; rows],
            }],
            ..sheet("一")
        }
    };
    let tried = |mut sheets: Vec<Sheet>| -> Vec<Rows> {
        set_rows(&mut sheets);
        sheets.iter().map(|one| one.rows).collect()
    };
    let all: Vec<Sheet> = [5].into_iter().chain(18..36).map(long).collect();
    let together = tried(all.clone());
    let pages = |rows: &[Rows]| {
        let sheets = all.iter().zip(rows);
        pages_of(
            sheets
                .map(|(sheet, rows)| Sheet {
                    rows: *rows,
                    ..sheet.clone()
                })
                .collect(),
        )
    };
    let closest = vec![Rows::Close; all.len()];
    assert_eq!(pages(&together), pages(&closest), "no height costs a page");
    assert_eq!(
        together.first(),
        Some(&Rows::Open),
        "a short sheet has room"
    );
    for rows in [Rows::Open, Rows::Usual, Rows::Snug, Rows::Close] {
        assert!(together[1..].contains(&rows), "{rows:?}: {together:?}");
    }
    let alone: Vec<Rows> = all.into_iter().flat_map(|one| tried(vec![one])).collect();
    assert_eq!(together, alone, "what stands before it does not matter");
    let unsigned = |rows| Sheet {
        signers: Vec::new(),
        stamp: false,
        ..long(rows)
    };
    assert!(!tried((18..36).map(unsigned).collect()).contains(&Rows::Close));
    let wide = Sheet {
        wide: true,
        ..long(5)
    };
    assert_eq!(tried(vec![wide]), [Rows::Usual]);
}

#[test]
fn a_short_paper_is_marked_for_screen_readers() {
    let marked = |many: usize| {
        let paper = Paper {
            sheets: vec![Sheet::default(); many],
            ..Paper::default()
        };
        let pdf = pdf(paper).unwrap();
        String::from_utf8_lossy(&pdf).contains("/StructTreeRoot")
    };
    assert!(marked(2) && !marked(61));
}
