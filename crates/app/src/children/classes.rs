//! Choosing one of several classes above a list.

use crate::web::words;

/// A class to choose.
pub struct ClassLink {
    pub title: String,
    pub href: String,
    pub current: bool,
}

/// The classes as links of a page, and the one that is shown: the wanted, or else the first.
/// `titles` come in the order of the children; of one class alone there is no choice.
pub fn choose(mut titles: Vec<String>, wanted: &str, path: &str) -> (Vec<ClassLink>, String) {
    titles.dedup();
    let chosen = titles
        .iter()
        .find(|title| *title == wanted)
        .or(titles.first())
        .cloned()
        .unwrap_or_default();
    if titles.len() < 2 {
        return (Vec::new(), chosen);
    }
    let links = titles.into_iter().map(|title| ClassLink {
        href: format!("{path}?class={}", words::url(&title)),
        current: title == chosen,
        title,
    });
    (links.collect(), chosen)
}
