//! The school: its place in the county, its calendar, classes and staff.

pub mod above;
pub mod calendar;
mod campus;
pub mod forms;
pub mod founding;
pub mod pages;
pub mod store;
pub mod tree;

use crate::web::guard::Door;
use rules::access::Act;

use rules::access::Role;

pub fn staff(door: Door) -> Door {
    door.get("/office/school", Act::ManageCalendar, pages::school)
        .post("/office/school/term", Act::ManageCalendar, pages::term)
        .post("/office/school/days", Act::ManageCalendar, pages::days)
        .post("/office/school/above", Act::ManageCalendar, above::put)
        .post("/office/school/campus", Act::ManageCalendar, campus::add)
        .post(
            "/office/school/campus/{campus_id}",
            Act::ManageCalendar,
            campus::rename,
        )
        .post(
            "/office/school/campus/{campus_id}/close",
            Act::ManageCalendar,
            campus::close,
        )
        .get("/office/classes", Act::ManageCalendar, pages::classes)
        .post("/office/classes", Act::ManageCalendar, pages::open_class)
        .post(
            "/office/classes/{class_id}/close",
            Act::ManageCalendar,
            pages::close_class,
        )
        .post(
            "/office/classes/{class_id}/campus",
            Act::ManageCalendar,
            campus::put,
        )
}

/// The word for a role on screen.
pub fn role_zh(role: Role) -> &'static str {
    match role {
        Role::HomeroomTeacher => "班主任",
        Role::Mentor => "帮扶教师",
        Role::SubjectTeacher => "任课教师",
        Role::DormStaff => "生活老师",
        Role::Archivist => "档案管理员",
        Role::Counsellor => "心理教师",
        Role::LeadingGroup => "领导小组",
        Role::Principal => "校长",
        Role::ProtectionLead => "安全负责人",
        Role::CountyOfficer => "县教育局",
        Role::CountyCaseOfficer => "县个案专员",
        Role::Auditor => "审计员",
        Role::Administrator => "系统管理员",
        Role::Guardian => "家长",
    }
}
