//! The little world in which a template is set: one template, one file of data, the faces.

use std::collections::BTreeSet;
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

impl Faces {
    fn of(fonts: Vec<Font>) -> Self {
        let mut book = FontBook::new();
        for font in &fonts {
            book.push(font.info().clone());
        }
        Self {
            fonts,
            book: LazyHash::new(book),
            library: LazyHash::new(Library::default()),
        }
    }
}

static OWN: LazyLock<Faces> = LazyLock::new(|| {
    let own = [
        face!("serif.ttf"),
        face!("serif-bold.ttf"),
        face!("sans.ttf"),
        face!("sans-bold.ttf"),
    ];
    let fonts = own
        .into_iter()
        .flat_map(|bytes| Font::iter(Bytes::new(bytes)));
    Faces::of(fonts.collect())
});

/// With those of the system: thirty megabytes more, read where a character asks for them.
static ALL: LazyLock<Faces> = LazyLock::new(|| {
    let mut fonts = OWN.fonts.clone();
    for path in SYSTEM {
        if let Ok(bytes) = std::fs::read(Path::new(path)) {
            fonts.extend(Font::iter(Bytes::new(bytes)));
        }
    }
    Faces::of(fonts)
});

/// Whether the face in which all is set draws a letter.
fn is_common(letter: char) -> bool {
    let serif = OWN.fonts.first().map(|font| &font.info().coverage);
    letter.is_ascii() || serif.is_some_and(|serif| serif.contains(u32::from(letter)))
}

/// Those that are enough for this text.
fn faces(text: &str) -> &'static Faces {
    match text.chars().all(is_common) {
        true => &OWN,
        false => &ALL,
    }
}

/// How many different letters of a text no face here draws: they are printed as a box.
pub(crate) fn undrawn(text: &str) -> usize {
    let rare: BTreeSet<char> = text.chars().filter(|letter| !is_common(*letter)).collect();
    let is_drawn = |letter: &char| {
        let mut faces = ALL.fonts.iter();
        faces.any(|font| font.info().coverage.contains(u32::from(*letter)))
    };
    rare.iter().filter(|letter| !is_drawn(letter)).count()
}

pub(crate) struct Press {
    faces: &'static Faces,
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
            faces: faces(&String::from_utf8_lossy(&data)),
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
        &self.faces.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.faces.book
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
        self.faces.fonts.get(index).cloned()
    }

    /// Days come with the data: a sheet says when it was made by the school's own clock.
    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}
