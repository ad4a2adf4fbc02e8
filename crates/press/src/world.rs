//! The little world in which a template is set: one template, one file of data, the faces.

use std::path::Path;
use std::sync::LazyLock;
use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};

const TEMPLATE: &str = include_str!("sheets.typ");

macro_rules! face {
    ($name:literal) => {
        include_bytes!(concat!(env!("OUT_DIR"), "/", $name)).as_slice()
    };
}

/// The embedded faces hold the thirty thousand characters that names are made of; rarer ones come
/// from the system, where it has them.
const SYSTEM: [&str; 6] = [
    "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSerifCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-serif-cjk-vf-fonts/NotoSerifCJK-VF.ttc",
    "/System/Library/Fonts/Songti.ttc",
    "C:/Windows/Fonts/simsunb.ttf",
    "C:/Windows/Fonts/SimsunExtG.ttf",
];

struct Faces {
    fonts: Vec<Font>,
    book: LazyHash<FontBook>,
    library: LazyHash<Library>,
}

static FACES: LazyLock<Faces> = LazyLock::new(|| {
    let own = [
        face!("serif.ttf"),
        face!("serif-bold.ttf"),
        face!("sans.ttf"),
        face!("sans-bold.ttf"),
    ];
    let mut fonts: Vec<Font> = own
        .into_iter()
        .flat_map(|bytes| Font::iter(Bytes::new(bytes)))
        .collect();
    for path in SYSTEM {
        if let Ok(bytes) = std::fs::read(Path::new(path)) {
            fonts.extend(Font::iter(Bytes::new(bytes)));
        }
    }
    let mut book = FontBook::new();
    for font in &fonts {
        book.push(font.info().clone());
    }
    Faces {
        fonts,
        book: LazyHash::new(book),
        library: LazyHash::new(Library::default()),
    }
});

pub(crate) struct Press {
    main: Source,
    data: (FileId, Bytes),
    pictures: Vec<(FileId, Bytes)>,
}

fn file(name: &str) -> FileId {
    let path = VirtualPath::new(name).expect("the names of our own files are paths");
    RootedPath::new(VirtualRoot::Project, path).intern()
}

impl Press {
    pub(crate) fn new(data: Vec<u8>, pictures: Vec<Vec<u8>>) -> Self {
        let named = pictures.into_iter().enumerate();
        Self {
            main: Source::new(file("sheets.typ"), TEMPLATE.to_owned()),
            data: (file("data.json"), Bytes::new(data)),
            pictures: named
                .map(|(at, bytes)| (file(&format!("picture-{at}.jpg")), Bytes::new(bytes)))
                .collect(),
        }
    }
}

impl World for Press {
    fn library(&self) -> &LazyHash<Library> {
        &FACES.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &FACES.book
    }

    fn main(&self) -> FileId {
        self.main.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.main.id() {
            return Ok(self.main.clone());
        }
        Err(FileError::AccessDenied)
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.data.0 {
            return Ok(self.data.1.clone());
        }
        if let Some((_, bytes)) = self.pictures.iter().find(|(own, _)| *own == id) {
            return Ok(bytes.clone());
        }
        Err(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        FACES.fonts.get(index).cloned()
    }

    /// Days come with the data: a sheet says when it was made by the school's own clock.
    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}
