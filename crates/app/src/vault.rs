//! What is sealed, and with which key.
//!
//! key file (outside the database) → key of the school → key of the child → field. The associated
//! data names the place, so that a sealed value moved elsewhere does not open (safety.md D5, D7).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use chacha20poly1305::aead::{Aead, AeadInOut, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use std::fs;
use std::io::Write;
use std::path::Path;

const KEY: usize = 32;
const NONCE: usize = 24;

/// The first byte names the algorithm, so that another may stand beside it one day.
const XCHACHA: u8 = 1;

#[derive(Clone)]
pub struct Key([u8; KEY]);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

/// All keys hang from this one.
#[derive(Clone, Debug)]
pub struct Vault {
    master: Key,
}

/// A value that did not open: wrong key, or the bytes were changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DoesNotOpen;

impl std::fmt::Display for DoesNotOpen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a sealed value does not open with this key file")
    }
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the system gives random bytes, or nothing is safe");
    bytes
}

/// A secret for a cookie, a password or a link: so many random bytes as text.
pub fn random_text<const N: usize>() -> String {
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(random::<N>())
}

/// Letters and digits that nobody mistakes for each other.
const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

/// Bytes as text that is copied by hand.
pub fn in_letters(bytes: &[u8]) -> String {
    let letter = |byte: &u8| LETTERS.get(usize::from(byte % 32));
    let letters = bytes.iter().filter_map(letter);
    letters.map(|one| char::from(*one)).collect()
}

/// A password for another person, in two groups of five.
pub fn spoken_text() -> String {
    let group = || in_letters(&random::<5>());
    format!("Nuan-{}-{}", group(), group())
}

/// A keyless fingerprint as hex: of tokens and of public content, never of guessable values.
pub fn fingerprint(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

pub fn base64(bytes: &[u8]) -> String {
    BASE64.encode(bytes)
}

pub fn from_base64(text: &str) -> Option<Vec<u8>> {
    BASE64.decode(text).ok()
}

/// A new file is safe only when its folder is on the disk too.
pub fn sync_folder(file: &Path) -> std::io::Result<()> {
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    fs::File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

impl Vault {
    /// Reads the key file.
    pub fn read(file: &Path) -> std::io::Result<Self> {
        let text = fs::read_to_string(file)?;
        let bytes = BASE64
            .decode(text.trim())
            .ok()
            .and_then(|bytes| bytes.try_into().ok());
        bytes
            .map(|bytes| Self { master: Key(bytes) })
            .ok_or_else(|| std::io::Error::other("钥匙文件读不懂，请换回原来的那一份。"))
    }

    /// Makes a key file that only its owner can read. Only for a database in which nothing is sealed.
    pub fn make(file: &Path) -> std::io::Result<Self> {
        let vault = Self::fresh();
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o400);
        let mut out = options.open(file)?;
        out.write_all(BASE64.encode(vault.master.0).as_bytes())?;
        out.sync_all()?;
        sync_folder(file)?;
        Ok(vault)
    }

    /// Tells this key file from another, and opens nothing.
    pub fn check_value(&self) -> String {
        self.school_key("").mac(&["key check"])
    }

    pub fn fresh() -> Self {
        Self {
            master: Key(random()),
        }
    }

    /// Signs the checkpoints of the journal: whoever has the database alone cannot.
    pub fn signing_key(&self) -> ed25519_dalek::SigningKey {
        let mut deriver = blake3::Hasher::new_derive_key("nuanchao 2026 journal checkpoint");
        deriver.update(&self.master.0);
        ed25519_dalek::SigningKey::from_bytes(deriver.finalize().as_bytes())
    }

    /// Opens what phones sealed for this server.
    pub fn outbox_key(&self) -> p256::SecretKey {
        let mut deriver = blake3::Hasher::new_derive_key("nuanchao 2026 outbox");
        deriver.update(&self.master.0);
        let mut bytes = deriver.finalize_xof();
        loop {
            let mut tried = [0; KEY];
            bytes.fill(&mut tried);
            // One in 2³² is not a number of the curve.
            if let Ok(key) = p256::SecretKey::from_slice(&tried) {
                return key;
            }
        }
    }

    pub fn school_key(&self, school_id: &str) -> Key {
        let mut deriver = blake3::Hasher::new_derive_key("nuanchao 2026 school key");
        deriver.update(&self.master.0);
        deriver.update(school_id.as_bytes());
        Key(*deriver.finalize().as_bytes())
    }
}

impl Key {
    pub fn fresh() -> Self {
        Self(random())
    }

    /// Seals a text for one place, such as `child/ID/identity`.
    pub fn seal(&self, place: &str, text: &str) -> String {
        self.seal_bytes(place, text.as_bytes())
    }

    pub fn seal_bytes(&self, place: &str, bytes: &[u8]) -> String {
        let nonce = random::<NONCE>();
        let cipher = XChaCha20Poly1305::new(&self.0.into());
        let sealed = cipher
            .encrypt(
                &XNonce::from(nonce),
                Payload {
                    msg: bytes,
                    aad: place.as_bytes(),
                },
            )
            .expect("XChaCha20-Poly1305 seals anything that fits in memory");
        let mut out = Vec::with_capacity(1 + NONCE + sealed.len());
        out.push(XCHACHA);
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&sealed);
        BASE64.encode(out)
    }

    pub fn open(&self, place: &str, sealed: &str) -> Result<String, DoesNotOpen> {
        String::from_utf8(self.open_bytes(place, sealed)?).map_err(|_| DoesNotOpen)
    }

    pub fn open_bytes(&self, place: &str, sealed: &str) -> Result<Vec<u8>, DoesNotOpen> {
        let mut bytes = BASE64.decode(sealed).map_err(|_| DoesNotOpen)?;
        let (algorithm, rest) = bytes.split_first().ok_or(DoesNotOpen)?;
        if *algorithm != XCHACHA {
            return Err(DoesNotOpen);
        }
        let nonce = rest.first_chunk::<NONCE>().ok_or(DoesNotOpen)?;
        let nonce = XNonce::from(*nonce);
        bytes.drain(..=NONCE);
        XChaCha20Poly1305::new(&self.0.into())
            .decrypt_in_place(&nonce, place.as_bytes(), &mut bytes)
            .map_err(|_| DoesNotOpen)?;
        Ok(bytes)
    }

    /// Wraps a child's key for its table.
    pub fn wrap(&self, child_id: &str, key: &Key) -> String {
        self.seal(&format!("child_key/{child_id}"), &BASE64.encode(key.0))
    }

    pub fn unwrap_key(&self, child_id: &str, wrapped: &str) -> Result<Key, DoesNotOpen> {
        let text = self.open(&format!("child_key/{child_id}"), wrapped)?;
        let bytes = BASE64.decode(text).map_err(|_| DoesNotOpen)?;
        bytes.try_into().map(Key).map_err(|_| DoesNotOpen)
    }

    /// The blind index of a number: equality only, never of a part.
    pub fn index(&self, kind: &str, number: &str) -> String {
        self.mac(&[kind, number])
    }

    /// A keyed hash over parts, each with its length, so that they cannot run together.
    pub fn mac(&self, parts: &[&str]) -> String {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&self.0)
            .expect("HMAC takes a key of any length");
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        BASE64.encode(mac.finalize().into_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_value_opens_only_in_its_place_and_with_its_key() {
        let key = Vault::fresh().school_key("a");
        let sealed = key.seal("child/1/identity", "990827201912069654");
        assert_eq!(
            key.open("child/1/identity", &sealed).unwrap(),
            "990827201912069654"
        );
        assert_eq!(key.open("child/2/identity", &sealed), Err(DoesNotOpen));
        assert_eq!(
            Vault::fresh()
                .school_key("a")
                .open("child/1/identity", &sealed),
            Err(DoesNotOpen)
        );
        assert!(!sealed.contains("9908"));
    }

    #[test]
    fn every_flipped_byte_is_found() {
        let key = Key::fresh();
        let sealed = BASE64.decode(key.seal("p", "text")).unwrap();
        for at in 0..sealed.len() {
            let mut bad = sealed.clone();
            bad[at] ^= 1;
            assert_eq!(key.open("p", &BASE64.encode(bad)), Err(DoesNotOpen));
        }
    }

    #[test]
    fn the_blind_index_differs_between_schools() {
        let vault = Vault::fresh();
        let one = vault.school_key("a").index("phone", "13912345678");
        assert_eq!(one, vault.school_key("a").index("phone", "13912345678"));
        assert_ne!(one, vault.school_key("b").index("phone", "13912345678"));
    }
}
