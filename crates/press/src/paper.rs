//! What stands on the sheets.

use serde::Serialize;

/// Several sheets that are printed together.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Paper {
    /// The file's own title: never a child's name.
    pub title: String,
    /// 印有个人信息，用完请收好 · who · when; on every page.
    pub foot: String,
    /// A page with the contents before the sheets.
    pub contents: Option<String>,
    pub sheets: Vec<Sheet>,
    /// Contact cards, four to a page; in a paper of their own.
    pub cards: Vec<Card>,
    /// JPEG pictures, which blocks name by their place here.
    #[serde(skip)]
    pub pictures: Vec<Vec<u8>>,
}

/// How high the rows of a sheet are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rows {
    /// Nine millimetres, as paper of schools has them.
    #[default]
    Open,
    /// As high as what is filled in, where that takes fewer pages.
    Usual,
    /// Closer, so that the signatures do not stand alone on the next page; a little where that does.
    Snug,
    Close,
}

/// One form of one child, from a new page on.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Sheet {
    /// The school above the title.
    pub school: String,
    pub title: String,
    /// Whom it is about: said again on each page that it goes on to.
    pub about: String,
    /// How the sheet is called among the contents; empty: it is not named there.
    pub entry: String,
    /// 1: a child; 2: a form of the child above.
    pub level: u8,
    /// Lies on its side: a list of many columns.
    pub wide: bool,
    pub blocks: Vec<Block>,
    /// Who signs, in order, each with room of 14 mm.
    pub signers: Vec<String>,
    /// 学校盖章 beside the signatures.
    pub stamp: bool,
    /// The press finds it out.
    pub rows: Rows,
    /// The form and the entry, where a file is to be read again; never printed.
    #[serde(skip)]
    pub mark: String,
}

#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Block {
    /// A heading over what follows.
    Head { text: String },
    /// Labels and values in ruled cells; a row's cells share its width.
    Fields { rows: Vec<Row> },
    /// A list with its heads, which come again on each page.
    Table {
        heads: Vec<String>,
        /// Widths in parts of the page; as many as heads.
        widths: Vec<u8>,
        rows: Vec<Vec<String>>,
        /// The entry of each row, where there is one; never printed.
        #[serde(skip)]
        marks: Vec<String>,
    },
    /// A picture with what stands under it, on one page with it.
    Picture {
        text: String,
        /// `picture-0.jpg`: its place among the paper's pictures.
        name: String,
        /// Where a browser finds it.
        href: String,
    },
    /// A sentence between tables.
    Note { text: String },
}

#[derive(Clone, Debug, Serialize)]
pub struct Row {
    pub cells: Vec<Cell>,
    /// Room for so many lines of handwriting, in millimetres; 0: as the text needs.
    pub room: u8,
}

#[derive(Clone, Debug, Serialize)]
pub struct Cell {
    pub label: String,
    pub value: String,
}

impl Cell {
    pub fn new(label: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            value: value.into(),
        }
    }
}

/// 家校联系卡, small.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Card {
    pub rows: Vec<Row>,
    /// The last row: who signs, and the day.
    pub sign: Vec<String>,
}
