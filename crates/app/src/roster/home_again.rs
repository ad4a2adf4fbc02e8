//! What a sheet says once more of a home: of whom no hand has told anything, the newest sheet is heard.

use super::check::NewChild;
use super::commit::{Work, parent_of};
use crate::children::store::kin_word;
use crate::db::{self, Conn};
use crate::home::answers::{About, Answers, list_unsaid};
use crate::home::forms::{LIVINGS, word_of};
use crate::web::Viewer;
use crate::web::error::Result;
use rules::calendar::plus_days;
use rules::history::Parent;
use rules::identity::work_place::WorkPlace;

/// What a sheet says anew of a home about which nobody has asked.
#[derive(Default, PartialEq)]
pub struct Home {
    lives_with: Option<String>,
    away: Vec<Parent>,
    back: Vec<Parent>,
    /// Of whom the list answers, where nobody had.
    answered: Vec<Parent>,
    /// Of whom an earlier list had said where they are, and this one leaves it open.
    open: Vec<Parent>,
    /// Of whom this list says what cannot be heard, and no list before has.
    doubted: Vec<Parent>,
    /// Of the answered, who is away as it was known.
    still_away: Vec<Parent>,
}

/// Absences that last.
pub struct Absent(Vec<(String, Option<String>, String)>);

impl Absent {
    pub async fn of(conn: &mut Conn, viewer: &Viewer, child_id: &str) -> Result<Self> {
        let rows = db::query_as(
            "select parent, from_on, source from parent_absence
             where school_id = $1 and child_id = $2 and to_on is null",
        )
        .bind(viewer.school_id.as_str())
        .bind(child_id)
        .fetch_all(conn)
        .await?;
        Ok(Self(rows))
    }

    pub fn has(&self, parent: Parent) -> bool {
        self.0.iter().any(|(one, _, _)| one == parent.code())
    }

    fn by_list(&self, parent: Parent) -> bool {
        let mut own = self.0.iter().filter(|(one, _, _)| one == parent.code());
        own.any(|(_, _, source)| source == "roster")
    }

    /// A list said it alone: a day stands with an absence about which somebody asked.
    fn by_list_alone(&self, parent: Parent) -> bool {
        let mut own = self.0.iter().filter(|(one, _, _)| one == parent.code());
        own.any(|(_, from, source)| from.is_none() && source == "roster")
    }
}

/// A sheet against what is known of the parents.
struct Against<'a> {
    child: &'a NewChild,
    answers: &'a Answers,
    absent: Absent,
}

impl Against<'_> {
    /// Whether it stays known that this parent is away, whatever the sheet says.
    fn lasts(&self, parent: Parent) -> bool {
        let is_kept = self.answers.by_hand(parent) || !self.child.is_gone(parent);
        self.absent.has(parent) && is_kept
    }

    /// Whether the sheet may say where this parent is: no hand has, and what a list before said that
    /// could not be heard no silence answers, except that the parent is away as that list had it.
    fn may_say(&self, parent: Parent) -> bool {
        let is_silent = self.child.place_of(parent) == WorkPlace::Unsaid;
        let agrees = self.is_away(parent) && self.answers.is_doubted_away(parent);
        let is_answered = !is_silent || agrees || !self.answers.is_doubted(parent);
        !self.answers.by_hand(parent) && is_answered
    }

    fn is_away(&self, parent: Parent) -> bool {
        let child = self.child;
        let mut parents = child.kin.iter().filter(|kin| kin.party == "parent");
        let kin = parents.find(|kin| parent_of(kin) == parent.code());
        let is_unnamed = || child.away_unnamed.iter().any(|one| one == parent.code());
        kin.is_some_and(|kin| kin.is_away) || is_unnamed()
    }

    /// Of whom a list before has answered, and this one cannot be heard: who works at no place, and
    /// where both were at home and somebody is not.
    fn is_open(&self, parent: Parent) -> bool {
        let child = self.child;
        let is_told = self.answers.by_list(parent) || self.absent.by_list(parent);
        let is_nobody_away = !Parent::ALL.iter().any(|one| self.lasts(*one));
        let is_all_open = child.who_is_open && (is_nobody_away || child.is_orphan);
        let says_away = child.place_of(parent) == WorkPlace::Away;
        let is_against = says_away && (child.who_is_open || child.is_elsewhere(parent));
        let is_open = is_all_open || child.is_gone(parent) || is_against && !self.lasts(parent);
        is_open && !self.answers.by_hand(parent) && is_told
    }

    fn is_doubted(&self, parent: Parent) -> bool {
        self.child.doubts(parent) && !self.answers.by_hand(parent) && !self.lasts(parent)
    }

    /// Who was away already has been so since then, not since this sheet.
    fn is_away_anew(&self, parent: Parent) -> bool {
        self.is_away(parent) && self.is_clear(parent) && !self.absent.has(parent)
    }

    fn is_back(&self, parent: Parent) -> bool {
        let child = self.child;
        let code = child.registry_code.as_deref().unwrap_or_default();
        let works_at_home = || child.place_of(parent) == WorkPlace::AtHome;
        // Of an orphan no list says that somebody is away.
        let is_home = child.is_orphan || code == "0" || code == "1" && works_at_home();
        is_home && self.is_clear(parent) && self.absent.by_list_alone(parent)
    }

    /// What the sheet says is not clear: what is known stays.
    fn is_clear(&self, parent: Parent) -> bool {
        let child = self.child;
        let has_code = child.registry_code.is_some() && !child.who_is_open;
        (has_code || child.is_orphan) && !child.is_gone(parent) && self.may_say(parent)
    }

    fn all(&self, which: impl Fn(Parent) -> bool) -> Vec<Parent> {
        Parent::ALL
            .iter()
            .copied()
            .filter(|one| which(*one))
            .collect()
    }
}

impl Home {
    pub async fn of(
        conn: &mut Conn,
        viewer: &Viewer,
        child_id: &str,
        (child, registry, answers): (&NewChild, Option<&str>, &Answers),
    ) -> Result<Self> {
        let told = Against {
            child,
            answers,
            absent: Absent::of(conn, viewer, child_id).await?,
        };
        let open = told.all(|one| told.is_open(one));
        let away = told.all(|one| told.is_away_anew(one));
        let back = told.all(|one| told.is_back(one) && !open.contains(&one));
        let is_known = |one| answers.by_hand(one) || answers.by_list(one);
        let answered = told.all(|one| {
            let is_told = away.contains(&one) || back.contains(&one);
            child.answers_for(one) && told.may_say(one) && !is_known(one) && !is_told
        });
        let doubted = told.all(|one| {
            let is_new = !answers.is_doubted(one) || open.contains(&one);
            told.is_doubted(one) && is_new
        });
        let still_away = answered.iter().copied();
        let still_away = still_away.filter(|one| told.absent.has(*one)).collect();
        let mut home = Self {
            answered,
            away,
            back,
            open,
            doubted,
            still_away,
            lives_with: None,
        };
        if !answers.by_hand(About::Living) {
            let told = (child, registry, answers);
            home.lives_with = living_anew(conn, viewer, child_id, told).await?;
        }
        Ok(home)
    }

    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// 爸爸和妈妈：改成在外务工
    pub fn said(&self) -> Vec<String> {
        let mut said = Vec::new();
        if let Some(kind) = &self.lives_with {
            let word = word_of(&LIVINGS, kind);
            said.push(format!("和谁一起住：改成{word}"));
        }
        let mut parents = |word: &str, which: &dyn Fn(&Parent) -> bool| {
            let all = Parent::ALL.iter().filter(|one| which(one));
            let all: Vec<String> = all.map(|one| kin_word(one.code())).collect();
            if !all.is_empty() {
                said.push(format!("{}：{word}", all.join("和")));
            }
        };
        let is_home = |one: &Parent| self.answered.contains(one) && !self.still_away.contains(one);
        parents("改成在外务工", &|one| self.away.contains(one));
        parents("改成在家", &|one| {
            self.back.contains(one) || is_home(one)
        });
        parents("在不在家改成还没问过", &|one| {
            self.open.contains(one)
        });
        parents("在不在家还要问一问", &|one| {
            self.doubted.contains(one) && !self.open.contains(one)
        });
        said
    }
}

/// With whom the child lives, if the sheet says something else.
async fn living_anew(
    conn: &mut Conn,
    viewer: &Viewer,
    child_id: &str,
    (child, registry, answers): (&NewChild, Option<&str>, &Answers),
) -> Result<Option<String>> {
    let Some(kind) = &child.lives_with else {
        return Ok(None);
    };
    // With whom a list does not say it is concluded from its code: an old code concludes nothing new,
    // and none does of a parent about whom a hand has told otherwise.
    let is_said = child.kin.iter().any(|kin| kin.party == "carer");
    let is_by_hand = Parent::ALL.iter().any(|one| answers.by_hand(*one));
    if !is_said && (is_by_hand || child.registry_code.as_deref() == registry) {
        return Ok(None);
    }
    let now: Vec<String> = db::query_scalar(
        "select kind from living where school_id = $1 and child_id = $2 and to_on is null",
    )
    .bind(viewer.school_id.as_str())
    .bind(child_id)
    .fetch_all(conn)
    .await?;
    Ok((!now.contains(kind)).then(|| kind.clone()))
}

impl Work<'_> {
    /// What the sheet says anew of the home.
    pub async fn home_again(
        &mut self,
        conn: &mut Conn,
        child_id: &str,
        (child, home): (&NewChild, &Home),
    ) -> Result<()> {
        if let Some(kind) = &home.lives_with {
            list_unsaid(conn, self.viewer, child_id, About::Living).await?;
            self.lives_anew(conn, child_id, kind).await?;
        }
        for parent in &home.away {
            list_unsaid(conn, self.viewer, child_id, (*parent).into()).await?;
            self.visits_end(conn, child_id, *parent).await?;
            self.is_away(child_id, parent.code(), child.since_is_open);
        }
        for parent in &home.back {
            self.back_again(conn, child_id, *parent).await?;
            self.answered_by_the_list(child_id, (*parent).into(), None);
        }
        for parent in &home.open {
            self.back_again(conn, child_id, *parent).await?;
        }
        for parent in &home.answered {
            list_unsaid(conn, self.viewer, child_id, (*parent).into()).await?;
            self.answered_by_the_list(child_id, (*parent).into(), None);
        }
        for parent in &home.doubted {
            self.doubted_by_the_list(child_id, child, *parent);
        }
        Ok(())
    }

    /// What the newest word says of a parent ends a visit that nobody ended.
    async fn visits_end(&self, conn: &mut Conn, child_id: &str, parent: Parent) -> Result<()> {
        let yesterday = plus_days(self.viewer.today(), -1).to_string();
        db::query(
            "update home_stay set to_on = case when from_on > $4 then from_on else $4 end
             where school_id = $1 and child_id = $2 and parent = $3 and to_on is null",
        )
        .bind(self.viewer.school_id.as_str())
        .bind(child_id)
        .bind(parent.code())
        .bind(yesterday)
        .execute(conn)
        .await?;
        Ok(())
    }

    /// A new stretch of living somewhere.
    async fn lives_anew(&mut self, conn: &mut Conn, child_id: &str, kind: &str) -> Result<()> {
        db::query(
            "update living set to_on = $3
             where school_id = $1 and child_id = $2 and to_on is null",
        )
        .bind(self.viewer.school_id.as_str())
        .bind(child_id)
        .bind(self.viewer.today().to_string())
        .execute(conn)
        .await?;
        self.lives(child_id, kind, (None, Some(self.viewer.today())));
        Ok(())
    }

    /// What an earlier sheet said ends with this one; one of the same day was mended by it.
    async fn back_again(&self, conn: &mut Conn, child_id: &str, parent: Parent) -> Result<()> {
        list_unsaid(conn, self.viewer, child_id, parent.into()).await?;
        self.visits_end(conn, child_id, parent).await?;
        for sql in [
            "delete from parent_absence
             where school_id = $1 and child_id = $2 and parent = $3 and source = 'roster'
                and from_on is null and to_on is null and left_by >= $4",
            "update parent_absence set to_on = $4
             where school_id = $1 and child_id = $2 and parent = $3 and source = 'roster'
                and from_on is null and to_on is null",
        ] {
            db::query(sql)
                .bind(self.viewer.school_id.as_str())
                .bind(child_id)
                .bind(parent.code())
                .bind(self.viewer.today().to_string())
                .execute(&mut *conn)
                .await?;
        }
        Ok(())
    }
}
