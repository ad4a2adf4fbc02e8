//! One table of a pack's text, read key by key; what nobody asked for is a fault.

use super::Fault;
use jiff::civil::Date;
use std::cell::RefCell;
use std::ops::{Range, RangeInclusive};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The text with the faults found so far: a clerk gets all of them at once.
pub(super) struct Page<'t> {
    text: &'t str,
    file: &'t str,
    faults: RefCell<Vec<Fault>>,
}

impl<'t> Page<'t> {
    pub(super) fn new(text: &'t str, file: &'t str) -> Self {
        Self {
            text,
            file,
            faults: RefCell::default(),
        }
    }

    pub(super) fn line(&self, offset: usize) -> usize {
        let before = self.text.get(..offset).unwrap_or(self.text);
        before.matches('\n').count() + 1
    }

    pub(super) fn at(&self, line: usize, sentence: String) -> Fault {
        Fault {
            file: self.file.to_owned(),
            line,
            sentence,
        }
    }

    pub(super) fn fault(&self, span: &Range<usize>, sentence: String) {
        let fault = self.at(self.line(span.start), sentence);
        self.faults.borrow_mut().push(fault);
    }

    pub(super) fn into_faults(self) -> Vec<Fault> {
        let mut faults = self.faults.into_inner();
        faults.sort_by_key(|fault| fault.line);
        faults
    }
}

pub(super) struct Part<'p, 't> {
    page: &'p Page<'t>,
    table: &'p DeTable<'t>,
    span: Range<usize>,
    name: String,
    asked: RefCell<Vec<&'static str>>,
}

fn what(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "一段文字",
        DeValue::Integer(_) => "一个整数",
        DeValue::Float(_) => "一个小数",
        DeValue::Boolean(_) => "true或false",
        DeValue::Datetime(_) => "一个日期",
        DeValue::Array(_) => "一个列表",
        DeValue::Table(_) => "一组写法",
    }
}

pub(super) fn whole(value: &DeValue<'_>) -> Option<i64> {
    let number = value.as_integer()?;
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}

pub(super) fn listed<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    words.into_iter().collect::<Vec<_>>().join("、")
}

/// The known word that a mistyped one most likely means.
pub(super) fn nearest<'a>(given: &str, known: &[&'a str]) -> Option<&'a str> {
    known
        .iter()
        .map(|word| (distance(given, word), *word))
        .filter(|(away, word)| *away <= 3 && *away < word.len())
        .min()
        .map(|(_, word)| word)
}

fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (at, here) in one.chars().enumerate() {
        let mut next = vec![at + 1];
        for (up, there) in row.windows(2).zip(other.chars()) {
            let [slant, above] = up else { continue };
            let left = next.last().copied().unwrap_or_default();
            let changed = slant + usize::from(here != there);
            next.push(changed.min(above + 1).min(left + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

fn unknown(given: &str, known: &[&str]) -> String {
    match nearest(given, known) {
        Some(word) => format!("是不是想写“{word}”？"),
        None => format!("可以写的有：{}。", listed(known.iter().copied())),
    }
}

/// Ids and codes become file names, addresses and columns: plain letters, digits and `_`.
fn is_code(text: &str) -> bool {
    let starts = text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
    starts
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

impl<'p, 't> Part<'p, 't> {
    pub(super) fn new(
        page: &'p Page<'t>,
        table: &'p DeTable<'t>,
        span: Range<usize>,
        name: impl Into<String>,
    ) -> Self {
        Self {
            page,
            table,
            span,
            name: name.into(),
            asked: RefCell::default(),
        }
    }

    pub(super) fn line(&self) -> usize {
        self.page.line(self.span.start)
    }

    /// A fault of the part as a whole.
    pub(super) fn fault(&self, sentence: String) {
        self.page.fault(&self.span, sentence);
    }

    /// A fault at one of its keys.
    pub(super) fn fault_at(&self, key: &'static str, sentence: String) {
        let span = self.table.get(key).map_or(self.span.clone(), Spanned::span);
        self.page.fault(&span, sentence);
    }

    pub(super) fn line_of(&self, key: &str) -> usize {
        let start = self
            .table
            .get(key)
            .map_or(self.span.start, |value| value.span().start);
        self.page.line(start)
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    pub(super) fn value(&self, key: &'static str) -> Option<&'p Spanned<DeValue<'t>>> {
        self.asked.borrow_mut().push(key);
        self.table.get(key)
    }

    fn wrong(&self, key: &str, value: &Spanned<DeValue<'_>>, wanted: &str) {
        let found = what(value.get_ref());
        self.page.fault(
            &value.span(),
            format!("{}的{key}要写{wanted}，这里写的是{found}。", self.name),
        );
    }

    fn missing(&self, key: &str, example: &str) {
        self.fault(format!(
            "{}少了{key}，请补一行：{key} = {example}。",
            self.name
        ));
    }

    pub(super) fn text(&self, key: &'static str) -> Option<String> {
        let value = self.value(key)?;
        let Some(text) = value.get_ref().as_str() else {
            self.wrong(key, value, "文字，放在双引号里");
            return None;
        };
        if text.trim().is_empty() {
            self.fault_at(
                key,
                format!("{}的{key}是空的，写上内容，或删掉这一行。", self.name),
            );
            return None;
        }
        Some(text.to_owned())
    }

    pub(super) fn need_text(&self, key: &'static str) -> Option<String> {
        if !self.has(key) {
            self.asked.borrow_mut().push(key);
            self.missing(key, "\"…\"");
            return None;
        }
        self.text(key)
    }

    pub(super) fn need_code(&self, key: &'static str) -> Option<String> {
        let text = self.need_text(key)?;
        if !is_code(&text) {
            self.fault_at(
                key,
                format!(
                    "{key}只能用小写字母、数字和下划线，“{text}”请改一个写法，例如contact_card。"
                ),
            );
            return None;
        }
        Some(text)
    }

    pub(super) fn yes(&self, key: &'static str) -> Option<bool> {
        let value = self.value(key)?;
        let found = value.get_ref().as_bool();
        if found.is_none() {
            self.wrong(key, value, "true或false，不加引号");
        }
        found
    }

    pub(super) fn number<N: TryFrom<i64>>(
        &self,
        key: &'static str,
        range: RangeInclusive<i64>,
    ) -> Option<N> {
        let value = self.value(key)?;
        let Some(number) = whole(value.get_ref()) else {
            self.wrong(key, value, "整数，不加引号");
            return None;
        };
        if !range.contains(&number) {
            let (least, most) = range.into_inner();
            self.fault_at(
                key,
                format!(
                    "{}的{key}要在{least}到{most}之间，这里是{number}。",
                    self.name
                ),
            );
            return None;
        }
        N::try_from(number).ok()
    }

    /// A word out of a closed list.
    pub(super) fn word<T>(
        &self,
        key: &'static str,
        known: &[&str],
        from_code: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.text(key)?;
        let found = from_code(&text);
        if found.is_none() {
            self.fault_at(
                key,
                format!("{key}里没有“{text}”。{}", unknown(&text, known)),
            );
        }
        found
    }

    pub(super) fn need_word<T>(
        &self,
        key: &'static str,
        known: &[&str],
        from_code: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        if !self.has(key) {
            self.asked.borrow_mut().push(key);
            self.fault(format!(
                "{}少了{key}，可以写的有：{}。",
                self.name,
                listed(known.iter().copied())
            ));
            return None;
        }
        self.word(key, known, from_code)
    }

    pub(super) fn items(&self, key: &'static str) -> Option<&'p [Spanned<DeValue<'t>>]> {
        let value = self.value(key)?;
        let found = value.get_ref().as_array();
        if found.is_none() {
            self.wrong(key, value, "列表，放在方括号里");
        }
        found.map(|list| &**list)
    }

    pub(super) fn texts(&self, key: &'static str) -> Vec<String> {
        let mut texts = Vec::new();
        for item in self.items(key).unwrap_or_default() {
            match item.get_ref().as_str() {
                Some(text) => texts.push(text.to_owned()),
                None => self.wrong(key, item, "文字，放在双引号里"),
            }
        }
        texts
    }

    pub(super) fn words<T>(
        &self,
        key: &'static str,
        known: &[&str],
        from_code: impl Fn(&str) -> Option<T>,
    ) -> Vec<T> {
        let mut found = Vec::new();
        for text in self.texts(key) {
            match from_code(&text) {
                Some(one) => found.push(one),
                None => {
                    self.fault_at(
                        key,
                        format!("{key}里没有“{text}”。{}", unknown(&text, known)),
                    );
                }
            }
        }
        found
    }

    fn inner(
        &self,
        key: &str,
        value: &'p Spanned<DeValue<'t>>,
        name: String,
    ) -> Option<Part<'p, 't>> {
        match value.get_ref().as_table() {
            Some(table) => Some(Part::new(self.page, table, value.span(), name)),
            None => {
                self.wrong(key, value, "一组写法，放在花括号里");
                None
            }
        }
    }

    /// `key = { … }`
    pub(super) fn part(&self, key: &'static str) -> Option<Part<'p, 't>> {
        let value = self.value(key)?;
        self.inner(key, value, format!("{}的{key}", self.name))
    }

    /// `[[key]]`, or a list of `{ … }`.
    pub(super) fn parts(&self, key: &'static str, name: &str) -> Vec<Part<'p, 't>> {
        self.items(key)
            .unwrap_or_default()
            .iter()
            .filter_map(|item| self.inner(key, item, name.to_owned()))
            .collect()
    }

    /// "10-30": a day of every year.
    pub(super) fn month_day(&self, key: &'static str) -> Option<(i8, i8)> {
        let text = self.text(key)?;
        let split = text.split_once('-');
        let parsed = split
            .and_then(|(month, day)| Some((month.parse::<i8>().ok()?, day.parse::<i8>().ok()?)));
        // 2024 has a 29 February; in other years the duty falls on the 28th.
        let real = parsed.filter(|(month, day)| Date::new(2024, *month, *day).is_ok());
        if real.is_none() {
            self.fault_at(
                key,
                format!("没有“{text}”这一天。月和日之间用短横线，例如10月30日写\"10-30\"。"),
            );
        }
        real
    }

    /// Everything has been asked for: what is left over is not known.
    pub(super) fn finish(&self) {
        let asked = self.asked.borrow();
        for key in self.table.keys() {
            let given: &str = key.get_ref();
            if !asked.contains(&given) {
                self.page.fault(
                    &key.span(),
                    format!(
                        "{}里没有“{given}”这一项。{}改过来，或删掉这一行。",
                        self.name,
                        unknown(given, &asked)
                    ),
                );
            }
        }
    }
}
