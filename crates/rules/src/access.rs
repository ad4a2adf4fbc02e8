//! Who may do what, about whom, and on what ground. What no arm allows is denied.
//!
//! Sources: architecture.md §6, safety.md §2; 未成年人网络保护条例 §36 (least privilege, approved).

use alloc::vec::Vec;

coded! {
    /// The roles of a school and its county. A person may hold several, each dated.
    Role {
        HomeroomTeacher = "homeroom_teacher", Mentor = "mentor",
        SubjectTeacher = "subject_teacher", DormStaff = "dorm_staff", Archivist = "archivist",
        Counsellor = "counsellor", LeadingGroup = "leading_group", Principal = "principal",
        ProtectionLead = "protection_lead", CountyOfficer = "county_officer",
        CountyCaseOfficer = "county_case_officer", Auditor = "auditor",
        Administrator = "administrator", Guardian = "guardian",
    }
}

coded! {
    /// What somebody wants to do. Every route names one.
    Act {
        SeeWeek = "see_week",
        /// 谁好久没联系: days since the last time, without what was said.
        SeeGaps = "see_gaps",
        SeeChild = "see_child", ReadRecords = "read_records",
        WriteRecord = "write_record", SeeContacts = "see_contacts",
        RevealPhone = "reveal_phone", EditDossier = "edit_dossier",
        /// The page of a file, for whoever reads any form of it.
        OpenDossier = "open_dossier",
        /// 档案: forms of the work and roster tiers; what is guarded more has acts of its own.
        ReadDossier = "read_dossier",
        /// C2 in a file: identity, addresses, and the photographs and scans.
        ReadIdentity = "read_identity",
        /// Writing forms of a file that one may read; `EditDossier` is the keeper's, of all of it.
        WriteDossier = "write_dossier",
        /// 登记簿: lists that are about no child. Whoever reads any of them opens the page; what is
        /// guarded has acts of its own.
        OpenRegisters = "open_registers",
        ReadRegisters = "read_registers", WriteRegisters = "write_registers",
        PrintCards = "print_cards", ImportRoster = "import_roster",
        AdoptPack = "adopt_pack", SeeCounts = "see_counts", ReadJournal = "read_journal",
        Pair = "pair",
        ManageAccounts = "manage_accounts", ManageCalendar = "manage_calendar",
        /// C3: health and illness.
        ReadHealth = "read_health",
        /// C4.
        ReadCounselling = "read_counselling",
        /// C5: that something is there is not shown either.
        ReadProtection = "read_protection",
        /// What concerns only the person: own password, signing out.
        SignedIn = "signed_in",
    }
}

/// How a role stands to the child, or to the school where no child is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
    /// The child is in a class that the grant names.
    OwnClass,
    /// The child is paired with the person.
    Paired,
    /// The same school, and neither of the above.
    OwnSchool,
    /// A school of the same county.
    OwnCounty,
    /// Nothing at all.
    Stranger,
}

/// One role that holds today, and how it stands to what is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    pub role: Role,
    pub relation: Relation,
}

/// The answer, with its ground.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    Allowed {
        by: Role,
        relation: Relation,
    },
    /// 受保护: that something is there may be seen, not what.
    Placeholder,
    /// Looks like what does not exist.
    Denied,
}

impl Decision {
    pub fn is_allowed(self) -> bool {
        matches!(self, Self::Allowed { .. })
    }
}

/// Which of several roles somebody acts in: the one that stands nearest to the child; between equals
/// a member of the leading group is what else that person is, and then the order of [`Role::ALL`].
fn nearness(standing: &Standing) -> (Relation, bool, Role) {
    let role = standing.role;
    (standing.relation, role == Role::LeadingGroup, role)
}

/// Decides for one person, who may hold several roles, in whatever order they are given.
pub fn decide(act: Act, standings: &[Standing]) -> Decision {
    let allowed = standings
        .iter()
        .filter(|standing| allows(standing.role, act, standing.relation))
        .min_by_key(|standing| nearness(standing));
    if let Some(standing) = allowed {
        return Decision::Allowed {
            by: standing.role,
            relation: standing.relation,
        };
    }
    let sees_records = standings
        .iter()
        .any(|standing| allows(standing.role, Act::ReadRecords, standing.relation));
    if matches!(act, Act::ReadHealth | Act::ReadCounselling) && sees_records {
        return Decision::Placeholder;
    }
    Decision::Denied
}

/// The roles under which somebody may do it at all, whoever the child is: which doors are drawn.
pub fn ever(act: Act, roles: &[Role]) -> bool {
    if act == Act::SignedIn {
        return true;
    }
    let relations = [
        Relation::OwnClass,
        Relation::Paired,
        Relation::OwnSchool,
        Relation::OwnCounty,
    ];
    roles.iter().any(|role| {
        relations
            .iter()
            .any(|relation| allows(*role, act, *relation))
    })
}

/// The roles whose reach is the whole school: the one place where a list may leave out classes.
pub fn sees_whole_school(act: Act, roles: &[Role]) -> bool {
    roles
        .iter()
        .any(|role| allows(*role, act, Relation::OwnSchool))
}

/// What ends for everybody when the child leaves the school: nobody is asked anew to be there for
/// it, and its file and card stay as they were. What happened before may still be written down.
pub fn ends_with_leaving(act: Act) -> bool {
    matches!(act, Act::Pair | Act::EditDossier)
}

fn allows(role: Role, act: Act, relation: Relation) -> bool {
    use Relation::{OwnClass, OwnCounty, OwnSchool, Paired, Stranger};
    let near: Vec<Relation> = match role {
        Role::HomeroomTeacher | Role::SubjectTeacher => alloc::vec![OwnClass],
        Role::Mentor => alloc::vec![Paired],
        Role::DormStaff
        | Role::Archivist
        | Role::Counsellor
        | Role::LeadingGroup
        | Role::Principal
        | Role::ProtectionLead
        | Role::Auditor
        | Role::Administrator => alloc::vec![OwnClass, Paired, OwnSchool],
        Role::CountyOfficer | Role::CountyCaseOfficer => {
            alloc::vec![OwnCounty]
        }
        Role::Guardian => alloc::vec![],
    };
    relation != Stranger && near.contains(&relation) && acts(role).contains(&act)
}

/// What a role may do within its reach.
#[expect(clippy::too_many_lines, reason = "a table: one arm a role")]
fn acts(role: Role) -> &'static [Act] {
    match role {
        Role::HomeroomTeacher => &[
            Act::SeeWeek,
            Act::SeeGaps,
            Act::SeeChild,
            Act::ReadRecords,
            Act::WriteRecord,
            Act::SeeContacts,
            Act::RevealPhone,
            Act::EditDossier,
            Act::OpenDossier,
            Act::ReadDossier,
            Act::ReadIdentity,
            Act::WriteDossier,
            Act::PrintCards,
            Act::ReadHealth,
            Act::Pair,
        ],
        Role::Mentor => &[
            Act::SeeWeek,
            Act::SeeGaps,
            Act::SeeChild,
            Act::ReadRecords,
            Act::WriteRecord,
            Act::SeeContacts,
            Act::RevealPhone,
        ],
        Role::SubjectTeacher => &[
            Act::SeeWeek,
            Act::SeeChild,
            Act::WriteRecord,
            // 计划五 line 97: study plans and progress files, and no other form of the file.
            Act::OpenDossier,
            Act::WriteDossier,
        ],
        Role::DormStaff => &[
            Act::SeeWeek,
            Act::SeeChild,
            Act::WriteRecord,
            Act::ReadHealth,
        ],
        Role::Archivist => &[
            Act::SeeWeek,
            Act::SeeGaps,
            Act::SeeChild,
            Act::SeeContacts,
            Act::RevealPhone,
            Act::EditDossier,
            Act::OpenDossier,
            Act::ReadDossier,
            Act::ReadIdentity,
            Act::OpenRegisters,
            Act::ReadRegisters,
            Act::WriteRegisters,
            Act::WriteDossier,
            Act::PrintCards,
            Act::ImportRoster,
            Act::ManageCalendar,
        ],
        Role::Counsellor => &[
            Act::SeeWeek,
            Act::SeeChild,
            Act::ReadRecords,
            Act::WriteRecord,
            Act::OpenDossier,
            Act::ReadDossier,
            Act::WriteDossier,
            // 计划三 lines 57 and 58: the notes of the research, which no other role reads.
            Act::OpenRegisters,
            Act::WriteRegisters,
            Act::ReadHealth,
            Act::ReadCounselling,
        ],
        Role::LeadingGroup => &[
            Act::SeeWeek,
            Act::SeeGaps,
            Act::SeeChild,
            Act::ReadRecords,
            // 计划一 line 15: the members write the summary of an activity, and review it.
            Act::WriteRecord,
            Act::OpenDossier,
            Act::ReadDossier,
            Act::ReadIdentity,
            Act::OpenRegisters,
            Act::ReadRegisters,
            Act::WriteRegisters,
            Act::SeeCounts,
        ],
        Role::Principal => &[
            Act::SeeWeek,
            Act::SeeGaps,
            Act::SeeChild,
            Act::ReadRecords,
            Act::OpenDossier,
            Act::ReadDossier,
            Act::ReadIdentity,
            Act::OpenRegisters,
            Act::ReadRegisters,
            Act::WriteRegisters,
            Act::WriteRecord,
            Act::SeeContacts,
            Act::RevealPhone,
            Act::PrintCards,
            Act::AdoptPack,
            Act::SeeCounts,
            Act::ManageCalendar,
            Act::Pair,
            Act::ReadJournal,
        ],
        Role::ProtectionLead => &[
            Act::SeeWeek,
            Act::SeeChild,
            Act::ReadRecords,
            Act::OpenDossier,
            Act::ReadDossier,
            Act::ReadIdentity,
            Act::OpenRegisters,
            Act::ReadRegisters,
            Act::WriteRegisters,
            Act::WriteDossier,
            Act::WriteRecord,
            // Who answers for safety reaches a family at once, and prints the part of a file that
            // nobody else reads.
            Act::SeeContacts,
            Act::RevealPhone,
            Act::PrintCards,
            Act::ReadHealth,
            Act::ReadProtection,
        ],
        Role::CountyOfficer => &[Act::SeeWeek, Act::SeeCounts],
        Role::CountyCaseOfficer => &[Act::SeeWeek],
        Role::Auditor => &[Act::ReadJournal],
        Role::Administrator => &[Act::ManageAccounts, Act::ManageCalendar, Act::AdoptPack],
        Role::Guardian => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn may(role: Role, act: Act, relation: Relation) -> bool {
        decide(act, &[Standing { role, relation }]).is_allowed()
    }

    #[test]
    fn an_empty_request_and_a_stranger_are_denied_everything() {
        for act in Act::ALL {
            assert_eq!(decide(*act, &[]), Decision::Denied);
            for role in Role::ALL {
                assert!(!may(*role, *act, Relation::Stranger));
            }
        }
    }

    #[test]
    fn somebody_acts_in_the_role_that_stands_nearest_to_the_child() {
        let own = |role, relation| Standing { role, relation };
        let table = [
            // role in the school, role near the child, in which of them
            (
                Role::LeadingGroup,
                Role::HomeroomTeacher,
                Relation::OwnClass,
            ),
            (Role::LeadingGroup, Role::Mentor, Relation::Paired),
            (Role::Principal, Role::SubjectTeacher, Relation::OwnClass),
            (Role::LeadingGroup, Role::Principal, Relation::OwnSchool),
        ];
        for (wide, near, relation) in table {
            let wide = own(wide, Relation::OwnSchool);
            let near = own(near, relation);
            for both in [[wide, near], [near, wide]] {
                let Decision::Allowed { by, .. } = decide(Act::WriteRecord, &both) else {
                    panic!("{both:?}");
                };
                assert_eq!(by, near.role, "{both:?}");
            }
        }
    }

    #[test]
    fn a_class_teacher_reaches_the_own_class_and_no_other() {
        for act in acts(Role::HomeroomTeacher) {
            assert!(may(Role::HomeroomTeacher, *act, Relation::OwnClass));
            assert!(!may(Role::HomeroomTeacher, *act, Relation::OwnSchool));
        }
    }

    #[test]
    fn the_county_and_the_administrator_see_no_child() {
        for role in [
            Role::CountyOfficer,
            Role::Administrator,
            Role::Auditor,
            Role::Guardian,
        ] {
            for relation in [Relation::OwnClass, Relation::OwnSchool, Relation::OwnCounty] {
                for act in [
                    Act::SeeChild,
                    Act::ReadRecords,
                    Act::SeeContacts,
                    Act::RevealPhone,
                    Act::WriteRecord,
                    Act::ReadCounselling,
                ] {
                    assert!(!may(role, act, relation), "{role:?} {act:?}");
                }
            }
        }
    }

    #[test]
    fn counselling_is_a_placeholder_for_those_who_read_records_and_absent_for_others() {
        let ask = |role, relation| decide(Act::ReadCounselling, &[Standing { role, relation }]);
        assert_eq!(
            ask(Role::HomeroomTeacher, Relation::OwnClass),
            Decision::Placeholder
        );
        assert_eq!(
            ask(Role::Principal, Relation::OwnSchool),
            Decision::Placeholder
        );
        assert_eq!(ask(Role::Archivist, Relation::OwnSchool), Decision::Denied);
        assert!(ask(Role::Counsellor, Relation::OwnSchool).is_allowed());
    }

    #[test]
    fn what_is_protected_is_the_leads_alone_and_no_placeholder_tells_of_it() {
        for role in Role::ALL {
            let standing = Standing {
                role: *role,
                relation: Relation::OwnSchool,
            };
            let decision = decide(Act::ReadProtection, &[standing]);
            if *role == Role::ProtectionLead {
                assert!(decision.is_allowed());
            } else {
                assert_eq!(decision, Decision::Denied, "{role:?}");
            }
        }
    }
}
