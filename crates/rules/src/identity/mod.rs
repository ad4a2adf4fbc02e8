//! Who a child is, read from what a 学籍 export holds: each cell becomes a value worth keeping, or
//! a fault that says as data what is wrong. Nothing is ever corrected by guessing.

pub mod citizen_id;
pub mod class_name;
pub mod dates;
pub mod kinship;
pub mod name;
pub mod phone;
pub mod region;
pub mod registry_word;
pub mod student_no;
pub mod text;
pub mod village;
pub mod work_place;

pub use citizen_id::{CitizenId, CitizenIdFault, Differs, Sex};
pub use class_name::{ClassNameFault, ClassRef, Stage, parse_class};
pub use dates::{DateFault, day_of_a_serial, parse_date};
pub use kinship::Kinship;
pub use name::{NameFault, PersonName, fold_name};
pub use phone::{Phone, PhoneFault};
pub use region::{Found, Regions};
pub use student_no::{
    LocalStudentNo, LocalStudentNoFault, NationalStudentNo, StudentNoFault, StudentNoKind,
};
pub use text::is_same_mark;
pub use village::{along_the_way, village};
