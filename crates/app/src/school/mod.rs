//! The school: its place in the county, its calendar, classes and staff.

pub mod calendar;
pub mod store;

use rules::access::Role;

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
