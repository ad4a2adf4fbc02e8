//! 行政区划: the table that comes with the build, and addresses that begin with a region.

use crate::packs::Field;
use crate::web::assets::REGIONS;
use crate::web::{Errors, Fields};
use rules::identity::{Found, Regions};
use std::sync::LazyLock;

static TABLE: LazyLock<Regions> = LazyLock::new(|| Regions::from_lines(REGIONS));

pub fn table() -> &'static Regions {
    &TABLE
}

/// The full name of every region on a line of its own, for the browser to choose from.
pub static NAMES: LazyLock<String> = LazyLock::new(|| {
    let names: Vec<String> = table().all().map(|(_, name)| name).collect();
    names.join("\n")
});

/// The box for the region beside the one for the rest.
pub fn region_of(field: &str) -> String {
    format!("{field}_region")
}

/// An address as its two boxes show it: the region, its code, and the rest.
pub struct Parts {
    pub region: String,
    pub code: Option<u32>,
    pub rest: String,
}

pub fn parts(field: &str, fields: &Fields) -> Parts {
    let (region, rest) = (fields.get(&region_of(field)), fields.get(field));
    if let (true, Found::One { code, rest: after }) = (region.is_empty(), table().read(rest)) {
        let name = table().full_name(code);
        // Only what begins with the whole name is parted: nothing is completed by looking at it.
        if format!("{name}{after}") == rest {
            return Parts {
                region: name,
                code: Some(code),
                rest: after,
            };
        }
    }
    Parts {
        region: region.to_owned(),
        code: None,
        rest: rest.to_owned(),
    }
}

/// What the two boxes say together. Without a region the text stays as it was written.
pub fn address(field: &Field, fields: &Fields, errors: &mut Errors) -> Option<String> {
    let rest = fields.opt(&field.id).unwrap_or_default();
    let Some(region) = fields.opt(&region_of(&field.id)) else {
        return (!rest.is_empty()).then(|| rest.to_owned());
    };
    match table().read(region) {
        Found::One { code, rest: more } => {
            let name = table().full_name(code);
            Some(format!("{name}{more}{rest}"))
        }
        // Built without its table, a region is only text.
        Found::None if table().is_empty() => Some(format!("{region}{rest}")),
        Found::None => {
            let said = format!(
                "没有找到“{region}”这个地方。写到县，例如甘肃通渭；不知道就空着，写在下一格里。"
            );
            errors.add(&field.id, said);
            None
        }
        Found::Many(codes) => {
            let names: Vec<String> = codes.iter().map(|code| table().full_name(*code)).collect();
            let said = format!(
                "有{}个{region}：{}。写上省和市。",
                names.len(),
                names.join("、")
            );
            errors.add(&field.id, said);
            None
        }
    }
}
