// Sealing: drafts and pages with a key of this phone, finished records for the server alone.
import { get, put } from './store.js';

const text = new TextEncoder();
const plain = new TextDecoder();

export const toBytes = (letters) => Uint8Array.from(atob(letters), (letter) => letter.charCodeAt(0));

export const toText = (bytes) => btoa(Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join(''));

const join = (...parts) => {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  parts.forEach((part) => {
    whole.set(part, at);
    at += part.length;
  });
  return whole;
};

async function deviceKey() {
  const found = await get('keys', 'draft');
  if (found) return found;
  const made = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
  await put('keys', 'draft', made);
  return made;
}

export async function sealHere(value) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const body = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, await deviceKey(), text.encode(JSON.stringify(value)));
  return { iv, body };
}

export async function openHere({ iv, body }) {
  const value = await crypto.subtle.decrypt({ name: 'AES-GCM', iv }, await deviceKey(), body);
  return JSON.parse(plain.decode(value));
}

const P256 = { name: 'ECDH', namedCurve: 'P-256' };
const HMAC = { name: 'HMAC', hash: 'SHA-256', length: 256 };

// Our half of the key is thrown away here: from now on only the server can read it.
export async function sealFor(server, value) {
  const theirs = toBytes(server);
  const pair = await crypto.subtle.generateKey(P256, false, ['deriveBits']);
  const ours = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
  const known = await crypto.subtle.importKey('raw', theirs, P256, false, []);
  const secret = await crypto.subtle.deriveBits({ name: 'ECDH', public: known }, pair.privateKey, 256);
  const base = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey']);
  const derive = (label, kind, use) =>
    crypto.subtle.deriveKey({ name: 'HKDF', hash: 'SHA-256', salt: join(ours, theirs), info: text.encode(`nuanchao outbox ${label}`) }, base, kind, false, use);
  const sealing = await derive('seal', { name: 'AES-GCM', length: 256 }, ['encrypt']);
  const receipts = await derive('receipt', HMAC, ['verify']);
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const body = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, sealing, text.encode(JSON.stringify(value))));
  return { sealed: join(Uint8Array.of(1), ours, iv, body), receipts };
}

// Who did not open the envelope cannot make its receipt.
export async function fits({ operation, sealed, receipts }, said) {
  if (said?.receipt !== operation || !Number.isSafeInteger(said.seq)) return false;
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', sealed));
  const signed = join(text.encode(operation), hash, text.encode(String(said.seq)));
  return crypto.subtle.verify('HMAC', receipts, toBytes(said.proof), signed);
}
