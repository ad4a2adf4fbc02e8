//! A form as it came in: names and values in order, several values under one name.

use super::error::{Failure, Result};
use axum::body::Bytes;
use axum::extract::multipart::MultipartError;
use axum::extract::{FromRequest, Request};
use axum::http::StatusCode;
use std::collections::BTreeMap;

#[derive(Clone, Debug, Default)]
pub struct Fields(Vec<(String, String)>);

/// A posted form, or the query of a form that only asks.
pub struct Form(pub Fields);

/// Without what no paper and no page can show: it comes along from other programs' clipboards. A
/// line ends as everywhere else, and not as in a form, and a tab is a space: Word and Excel would bring
/// back another text.
fn readable(value: &str) -> String {
    let is_kept = |letter: &char| !letter.is_control() || *letter == '\n';
    let lines = value.replace("\r\n", "\n").replace('\r', "\n");
    let lines = lines.replace('\t', " ");
    lines.chars().filter(is_kept).collect()
}

impl Fields {
    pub fn parse(body: &[u8]) -> Self {
        Self(
            form_urlencoded::parse(body)
                .map(|(name, value)| (name.into_owned(), readable(&value)))
                .collect(),
        )
    }

    /// The first value, trimmed; empty when there is none.
    pub fn get(&self, name: &str) -> &str {
        self.0
            .iter()
            .find(|(one, _)| one == name)
            .map(|(_, value)| value.trim())
            .unwrap_or_default()
    }

    pub fn opt(&self, name: &str) -> Option<&str> {
        Some(self.get(name)).filter(|value| !value.is_empty())
    }

    /// The trimmed value of a field that stood on the page, also when it was left blank.
    pub fn given(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(one, _)| one == name)
            .map(|(_, value)| value.trim())
    }

    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(one, _)| one == name)
            .map(|(_, value)| value.trim())
            .filter(|value| !value.is_empty())
    }

    /// Every value in its place, also those left blank: columns that belong together go by it.
    pub fn each<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(one, _)| one == name)
            .map(|(_, value)| value.trim())
    }

    pub fn has(&self, name: &str, value: &str) -> bool {
        self.all(name).any(|one| one == value)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The id that the page made for this one act: sent twice, done once.
    pub fn operation(&self) -> Result<crate::ids::OperationId> {
        self.get("operation")
            .parse()
            .map_err(|_| Failure::Asked("这一页打开太久了，请刷新后再按一次。".to_owned()))
    }

    /// This value and no other.
    pub fn set(&mut self, name: &str, value: &str) {
        self.0.retain(|(one, _)| one != name);
        self.push(name, value);
    }

    pub fn push(&mut self, name: &str, value: &str) {
        self.0.push((name.to_owned(), readable(value)));
    }
}

impl<S: Send + Sync> FromRequest<S> for Form {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        if request.method() == axum::http::Method::GET {
            let query = request.uri().query().unwrap_or_default();
            return Ok(Self(Fields::parse(query.as_bytes())));
        }
        let body = Bytes::from_request(request, state)
            .await
            .map_err(|_| Failure::TooLarge)?;
        Ok(Self(Fields::parse(&body)))
    }
}

/// Why what was brought did not come whole: too large, or broken off on the way.
pub fn cut(fault: MultipartError) -> Failure {
    if fault.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return Failure::TooLarge;
    }
    Failure::Asked("没有传完，路上断了。请再选一次，再传一遍。".to_owned())
}

/// What is wrong with a form: a sentence at each field, in the fields' order.
#[derive(Clone, Debug, Default)]
pub struct Errors(Vec<(String, String)>);

impl Errors {
    pub fn add(&mut self, field: &str, sentence: impl Into<String>) {
        self.0.push((field.to_owned(), sentence.into()));
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &(String, String)> {
        self.0.iter()
    }

    pub fn at(&self, field: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(one, _)| one == field)
            .map(|(_, sentence)| sentence.as_str())
    }

    /// The sentence of a field that is said elsewhere on the page.
    pub fn take(&mut self, field: &str) -> Option<String> {
        let at = self.0.iter().position(|(one, _)| one == field)?;
        Some(self.0.remove(at).1)
    }

    /// For programs: field → sentences.
    pub fn by_field(&self) -> BTreeMap<&str, Vec<&str>> {
        let mut found: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (field, sentence) in &self.0 {
            found.entry(field).or_default().push(sentence);
        }
        found
    }

    pub fn sentence(&self) -> String {
        let all: Vec<&str> = self.0.iter().map(|(_, one)| one.as_str()).collect();
        all.join("")
    }
}

/// An id in the path; what is no id is not there.
pub struct Id<T>(pub T);

impl<T, S> axum::extract::FromRequestParts<S> for Id<T>
where
    T: std::str::FromStr,
    S: Send + Sync,
{
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut axum::http::request::Parts, state: &S) -> Result<Self> {
        let found = axum::extract::RawPathParams::from_request_parts(parts, state)
            .await
            .map_err(|_| Failure::NotThere)?;
        let (_, text) = found.iter().next().ok_or(Failure::NotThere)?;
        text.parse().map(Self).map_err(|_| Failure::NotThere)
    }
}
