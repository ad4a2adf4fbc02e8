//! The envelope that a phone makes of a record, and the receipt that lets the phone forget it.
//!
//! version ‖ the phone's one-time public key ‖ nonce ‖ sealed text. The phone throws its half of the
//! key away, so that afterwards only the server can read what waits there (safety.md D9).

use crate::vault::{DoesNotOpen, Vault};
use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use p256::elliptic_curve::sec1::ToSec1Point;
use p256::{PublicKey, SecretKey};
use sha2::{Digest, Sha256};

const VERSION: u8 = 1;
const POINT: usize = 65;
const NONCE: usize = 12;
const KEY: usize = 32;

/// What may be said of the envelope once it was opened.
pub struct Opened {
    pub text: Vec<u8>,
    receipts: [u8; KEY],
    hash: [u8; KEY],
}

impl Opened {
    /// Over the operation, the hash of the sealed bytes and the number of the journal's entry: who
    /// did not open the envelope cannot make it.
    pub fn receipt(&self, operation: &str, seq: i64) -> Vec<u8> {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(&self.receipts)
            .expect("HMAC takes a key of any length");
        mac.update(operation.as_bytes());
        mac.update(&self.hash);
        mac.update(seq.to_string().as_bytes());
        mac.finalize().into_bytes().to_vec()
    }
}

/// What a page gives to the phone to seal with.
pub fn public_key(vault: &Vault) -> Vec<u8> {
    point(&vault.outbox_key().public_key())
}

fn point(key: &PublicKey) -> Vec<u8> {
    key.to_sec1_point(false).as_bytes().to_vec()
}

pub fn open(vault: &Vault, sealed: &[u8]) -> Result<Opened, DoesNotOpen> {
    let (version, rest) = sealed.split_first().ok_or(DoesNotOpen)?;
    let (theirs, rest) = rest.split_at_checked(POINT).ok_or(DoesNotOpen)?;
    let (nonce, text) = rest.split_at_checked(NONCE).ok_or(DoesNotOpen)?;
    if *version != VERSION {
        return Err(DoesNotOpen);
    }
    let (sealing, receipts) = keys(&vault.outbox_key(), theirs)?;
    let nonce = Nonce::try_from(nonce).map_err(|_| DoesNotOpen)?;
    let text = Aes256Gcm::new(&sealing.into())
        .decrypt(&nonce, text)
        .map_err(|_| DoesNotOpen)?;
    let hash = Sha256::digest(sealed).into();
    Ok(Opened {
        text,
        receipts,
        hash,
    })
}

/// The key of the text and the key of the receipt: the one does not lead to the other.
fn keys(ours: &SecretKey, theirs: &[u8]) -> Result<([u8; KEY], [u8; KEY]), DoesNotOpen> {
    let public = PublicKey::from_sec1_bytes(theirs).map_err(|_| DoesNotOpen)?;
    let secret = ours.diffie_hellman(&public);
    let salt = [theirs, &point(&ours.public_key())].concat();
    let shared = Hkdf::<Sha256>::new(Some(&salt), secret.raw_secret_bytes());
    let (mut sealing, mut receipts) = ([0; KEY], [0; KEY]);
    for (label, key) in [("seal", &mut sealing), ("receipt", &mut receipts)] {
        let info = format!("nuanchao outbox {label}");
        shared
            .expand(info.as_bytes(), key)
            .map_err(|_| DoesNotOpen)?;
    }
    Ok((sealing, receipts))
}

/// What a browser does, for the tests.
#[cfg(test)]
pub fn seal(public: &[u8], text: &[u8]) -> (Vec<u8>, Opened) {
    let ours = Vault::fresh().outbox_key();
    let theirs = point(&ours.public_key());
    let secret = ours.diffie_hellman(&PublicKey::from_sec1_bytes(public).unwrap());
    let salt = [&theirs[..], public].concat();
    let shared = Hkdf::<Sha256>::new(Some(&salt), secret.raw_secret_bytes());
    let (mut sealing, mut receipts) = ([0; KEY], [0; KEY]);
    shared
        .expand(b"nuanchao outbox seal", &mut sealing)
        .unwrap();
    shared
        .expand(b"nuanchao outbox receipt", &mut receipts)
        .unwrap();
    let nonce = [7; NONCE];
    let inside = Aes256Gcm::new(&sealing.into())
        .encrypt(&Nonce::from(nonce), text)
        .unwrap();
    let sealed = [&[VERSION][..], &theirs, &nonce, &inside].concat();
    let hash = Sha256::digest(&sealed).into();
    let opened = Opened {
        text: Vec::new(),
        receipts,
        hash,
    };
    (sealed, opened)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_server_opens_an_envelope_and_every_flipped_byte_is_found() {
        let vault = Vault::fresh();
        let (sealed, phone) = seal(&public_key(&vault), "想妈妈".as_bytes());
        let opened = open(&vault, &sealed).unwrap();
        assert_eq!(opened.text, "想妈妈".as_bytes());
        assert_eq!(opened.receipt("a", 7), phone.receipt("a", 7));
        assert_ne!(opened.receipt("a", 7), phone.receipt("a", 8));
        assert!(open(&Vault::fresh(), &sealed).is_err());
        for at in 0..sealed.len() {
            let mut bad = sealed.clone();
            bad[at] ^= 1;
            assert!(open(&vault, &bad).is_err(), "byte {at}");
        }
        for short in 0..sealed.len() {
            assert!(open(&vault, &sealed[..short]).is_err());
        }
    }
}
