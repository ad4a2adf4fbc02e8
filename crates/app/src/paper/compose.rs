//! The sheets of an order, one after another, as one paper.

use super::collect::{Order, Subject};
use super::sheets::{Filling, Unwritten, foot, is_written, mark, sheets};
use super::{Output, Purpose, card, folder, register};
use crate::packs::{Form, FormKind};
use crate::web::Viewer;
use press::{Block, Paper, Sheet};

/// All pictures of the paper in their places; a scan that is only named has one, too.
fn pictures(order: &Order) -> Vec<Vec<u8>> {
    let files = order.subjects.iter().flat_map(|subject| &subject.files);
    files.map(|one| one.bytes.clone()).collect()
}

/// The paper of an order. `teachers`: the homeroom teacher and number of each class.
pub fn paper(
    order: &Order,
    viewer: &Viewer,
    (form, (filling, purpose), output): (&str, (Filling, Purpose), Output),
    teachers: &dyn Fn(&str) -> (String, String),
) -> Paper {
    let school = viewer.school_name.as_str();
    let mut paper = Paper {
        title: "校务".to_owned(),
        foot: foot(viewer, filling, purpose),
        ..Paper::default()
    };
    let teacher = |subject: &Subject| teachers(subject.child.class_id.as_str());
    // A card is cut out and hung up; in Word it is a sheet like any other, which comes back.
    let is_card = form == super::CARD;
    if is_card && (output != Output::Docx || order.forms.is_empty()) {
        let card = |subject: &Subject| card::card(subject, &teacher(subject), filling);
        paper.cards = order.subjects.iter().map(card).collect();
        return paper;
    }
    if form == super::WHOLE {
        paper.contents = Some(format!("{school}　一生一档"));
        paper.sheets = folder::folder(order, school);
        paper.pictures = pictures(order);
        return paper;
    }
    paper.pictures = pictures(order);
    paper.sheets = all_sheets(
        order,
        (viewer, filling, Unwritten::LeftOut),
        output,
        &teacher,
    );
    if paper.sheets.is_empty() && filling == Filling::Known {
        paper.sheets = all_sheets(
            order,
            (viewer, filling, Unwritten::ByHand),
            output,
            &teacher,
        );
    }
    paper
}

/// Leaves out the children of whom the paper would say nothing, as long as it says something of one:
/// nobody is asked for their consent, and no release counts them.
pub fn only_the_written(order: &mut Order, filling: Filling, output: Output) {
    let is_open_list = output == Output::Xlsx && filling == Filling::Known;
    if filling == Filling::Blank || is_open_list {
        return;
    }
    let is_written: Vec<bool> = order
        .subjects
        .iter()
        .map(|subject| {
            let mut forms = order.forms.iter();
            forms.any(|form| says_something(form, order, (subject, filling, output)))
        })
        .collect();
    if is_written.contains(&true) {
        let mut stays = is_written.into_iter();
        order.subjects.retain(|_| stays.next().unwrap_or(true));
    }
}

fn says_something(
    form: &Form,
    order: &Order,
    (subject, filling, output): (&Subject, Filling, Output),
) -> bool {
    if register::is_one_list(form, order) {
        return form.kind == FormKind::Register
            || output == Output::Docx
            || subject.entries.iter().any(|entry| entry.form == form.id)
            || subject.records.iter().any(|record| record.kind == form.id);
    }
    let own = subject.forms.iter().find(|own| own.id == form.id);
    let asked = (subject.school.as_str(), filling, Unwritten::LeftOut);
    own.is_some_and(|own| is_written(own, subject) && !sheets(own, subject, asked).is_empty())
}

fn all_sheets(
    order: &Order,
    (viewer, filling, unwritten): (&Viewer, Filling, Unwritten),
    output: Output,
    teacher: &dyn Fn(&Subject) -> (String, String),
) -> Vec<Sheet> {
    let school = viewer.school_name.as_str();
    let mut sheets_of_all = Vec::new();
    let mut places = 0..;
    for form in &order.forms {
        if register::is_one_list(form, order) {
            // What comes back has a line for each child.
            let comes_back = matches!(output, Output::Docx | Output::Xlsx);
            let filling = match unwritten {
                Unwritten::LeftOut => filling,
                Unwritten::ByHand => Filling::Blank,
            };
            let filling = (filling, form.whole_class && !comes_back);
            let asked = (school, viewer.today(), filling);
            let mut drawn = register::sheets(form, order, asked);
            // What nobody has written yet is written in Word, too, and comes back.
            if unwritten == Unwritten::ByHand && output == Output::Docx {
                for sheet in &mut drawn {
                    sheet.mark = mark(form, "", Filling::Known);
                }
            }
            sheets_of_all.extend(drawn);
            continue;
        }
        for subject in &order.subjects {
            let own = subject.forms.iter().find(|own| own.id == form.id);
            let drawn = own.map(|own| sheets(own, subject, (school, filling, unwritten)));
            let mut drawn = drawn.unwrap_or_default();
            let is_of_card = form.id == super::CARD;
            if let Some(last) = drawn.last_mut() {
                last.blocks.extend(folder::beside(subject, &mut places));
            }
            for sheet in drawn.iter_mut().filter(|_| is_of_card) {
                let text = card::taught_by(&teacher(subject), filling);
                sheet.blocks.push(Block::Note { text });
            }
            sheets_of_all.extend(drawn);
        }
    }
    sheets_of_all
}
