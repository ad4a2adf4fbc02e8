//! Passwords: Argon2id behind a gate, so that logins never starve the pages.

use crate::web::{Failure, Result};
use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use std::sync::LazyLock;
use tokio::sync::Semaphore;

/// Two at once on two cores; the others wait, and the throttle stands before the wait.
static GATE: Semaphore = Semaphore::const_new(2);

/// So many may wait or be looked at; more would only wait longer than anybody does.
static QUEUE: Semaphore = Semaphore::const_new(64);

/// Compared with when the name is unknown, so that both answers take the same time.
static DUMMY: LazyLock<String> = LazyLock::new(|| hash_now("nobody knows this one"));

pub const LONGEST: usize = 128;
const SHORTEST: usize = 10;

/// Words that guessers try first, beside the school's and the person's own names.
const COMMON: [&str; 12] = [
    "1234567890",
    "0123456789",
    "1111111111",
    "0000000000",
    "password12",
    "qwertyuiop",
    "abcdefghij",
    "a123456789",
    "woaini1314",
    "asdfghjkl1",
    "9876543210",
    "1q2w3e4r5t",
];

fn hash_now(password: &str) -> String {
    Argon2::default()
        .hash_password(password.as_bytes())
        .expect("Argon2 with its own parameters hashes any password")
        .to_string()
}

pub async fn hash(password: &str) -> String {
    let _turn = GATE.acquire().await;
    let password = password.to_owned();
    tokio::task::spawn_blocking(move || hash_now(&password))
        .await
        .expect("hashing does not panic")
}

/// Whether the password fits; `None` for an unknown name takes as long. When too many wait, the
/// next is asked to come back.
pub async fn fits(password: &str, hash: Option<&str>) -> Result<bool> {
    let _place = QUEUE.try_acquire().map_err(|_| Failure::Busy)?;
    if password.len() > LONGEST {
        return Ok(false);
    }
    let _turn = GATE.acquire().await;
    let password = password.to_owned();
    let known = hash.is_some();
    let hash = hash.map_or_else(|| DUMMY.clone(), ToOwned::to_owned);
    let same = tokio::task::spawn_blocking(move || {
        PasswordHash::new(&hash).is_ok_and(|hash| {
            Argon2::default()
                .verify_password(password.as_bytes(), &hash)
                .is_ok()
        })
    })
    .await
    .unwrap_or(false);
    Ok(same && known)
}

/// Why a new password will not do: a sentence, or nothing.
pub fn fault(password: &str, context: &[&str]) -> Option<String> {
    let length = password.chars().count();
    if length < SHORTEST {
        return Some(format!(
            "密码还短了点，至少{SHORTEST}个字符，一句话也可以。"
        ));
    }
    if password.len() > LONGEST {
        return Some("密码太长了，请短一些。".to_owned());
    }
    let lower = password.to_lowercase();
    let guessable = COMMON.contains(&lower.as_str())
        || context
            .iter()
            .any(|word| word.chars().count() > 1 && lower.contains(&word.to_lowercase()));
    if guessable {
        return Some("这个密码容易被猜到，请换一个和学校、姓名无关的。".to_owned());
    }
    let kinds = [
        lower != password,
        password.chars().any(char::is_lowercase),
        password.chars().any(|c| c.is_ascii_digit()),
        password.chars().any(|c| !c.is_alphanumeric()),
    ];
    let classes = kinds.iter().filter(|kind| **kind).count();
    if classes < 3 && length < 16 && password.is_ascii() {
        return Some(
            "请在大写、小写、数字、符号里用上三种，或者用16个字符以上的一句话。".to_owned(),
        );
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_common_and_own_names_are_refused_and_a_sentence_is_fine() {
        assert!(fault("Ab1-", &[]).is_some());
        assert!(fault("1234567890", &[]).is_some());
        assert!(fault("Qingshi2025!", &["qingshi"]).is_some());
        assert!(fault("alllowercase", &[]).is_some());
        assert!(fault("Kuai-Le-2025", &["wang"]).is_none());
        assert!(fault("今天的太阳照在操场上真好看呀", &[]).is_none());
    }

    #[tokio::test]
    async fn a_password_fits_its_hash_and_nobody_elses() {
        let hash = hash("Kuai-Le-2025").await;
        assert!(fits("Kuai-Le-2025", Some(&hash)).await.unwrap());
        assert!(!fits("kuai-le-2025", Some(&hash)).await.unwrap());
        assert!(!fits("nobody knows this one", None).await.unwrap());
    }
}
