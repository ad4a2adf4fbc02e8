import { openHere, sealHere, toBytes, toText } from './seal.js';
import { clear, count, remove } from './store.js';

const PREFIX = 'draft:';
// Another person who signs in here finds nothing of it.
const nameOf = (draft) => `${PREFIX}${document.body.dataset.own ?? ''}/${draft}`;
const PAUSE_MS = 300;
const KEPT_MS = 72 * 60 * 60 * 1000;
const NEVER = '[type=hidden], [type=password], [type=file], [type=submit], [type=button], [type=reset], button, fieldset, output';

const drafts = () => Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));

function isOld(text) {
  try {
    return !(Date.now() - JSON.parse(text).at < KEPT_MS);
  } catch {
    return true;
  }
}

function sweep() {
  drafts().filter((name) => isOld(localStorage.getItem(name))).forEach((name) => localStorage.removeItem(name));
}

// Sealing takes a moment: what was saved meanwhile must not be written down once more.
const saved = new Set();

export function forget(draft) {
  if (!draft) return;
  saved.add(draft);
  localStorage.removeItem(nameOf(draft));
}

const SENT = 'draft:sent';

// The page that comes after a form says whether it was saved; one that asks to sign in does not.
function forgetSent() {
  const sent = sessionStorage.getItem(SENT);
  sessionStorage.removeItem(SENT);
  const isSaved = location.pathname !== '/login' && ['said', 'done'].some((name) => new URLSearchParams(location.search).has(name));
  if (sent && isSaved) forget(sent);
}

async function seal(values) {
  const { iv, body } = await sealHere(values);
  return JSON.stringify({ at: Date.now(), iv: toText(iv), body: toText(body) });
}

const unseal = (text) => {
  const { iv, body } = JSON.parse(text);
  return openHere({ iv: toBytes(iv), body: toBytes(body) });
};

// What still waits to be sent outlives signing out: the server is told to leave the store alone.
async function signOut(form) {
  drafts().forEach((name) => localStorage.removeItem(name));
  try {
    await remove('keys', 'draft');
    await clear('way');
    if ((await count('outbox')) > 0) form.elements.outbox.value = 'waits';
  } finally {
    form.submit();
  }
}

const fields = (form) =>
  [...form.elements].filter((field) => field.name && !field.matches(NEVER) && !field.closest('[data-protected]'));

const isTick = (field) => field.type === 'checkbox' || field.type === 'radio';

const read = (form) =>
  fields(form).map((field) => [field.name, isTick(field) ? field.value : null, isTick(field) ? field.checked : field.value]);

function write(form, values) {
  const left = [...values];
  fields(form).forEach((field) => {
    const at = left.findIndex(([name, tick]) => name === field.name && tick === (isTick(field) ? field.value : null));
    if (at < 0) return;
    const [[, , value]] = left.splice(at, 1);
    if (isTick(field)) field.checked = value;
    else field.value = value;
  });
}

function sayRestored(form) {
  form.closest('details')?.setAttribute('open', '');
  const line = document.createElement('p');
  line.className = 'notice';
  line.setAttribute('role', 'status');
  line.textContent = '上次没写完的，已经放回来了。';
  form.prepend(line);
}

async function keep(form, state) {
  const started = state.round;
  try {
    const text = await seal(read(form));
    if (started === state.round && !saved.has(form.dataset.draft)) localStorage.setItem(nameOf(form.dataset.draft), text);
  } catch {
    // A store that is full or refused only means that this draft lives in the page alone.
  }
}

async function restore(form, state) {
  const name = nameOf(form.dataset.draft);
  const text = localStorage.getItem(name);
  if (!text || form.querySelector('.errors') || document.querySelector('.errors')) return;
  try {
    const values = await unseal(text);
    if (state.touched) return;
    write(form, values);
    sayRestored(form);
  } catch {
    localStorage.removeItem(name);
  }
}

function watch(form) {
  const state = { touched: false, timer: 0, round: 0 };
  const later = () => {
    state.touched = true;
    saved.delete(form.dataset.draft);
    clearTimeout(state.timer);
    state.timer = setTimeout(() => keep(form, state), PAUSE_MS);
  };
  form.addEventListener('input', later);
  form.addEventListener('change', later);
  form.addEventListener('submit', () => {
    // The draft stands until the next page says it was saved, but nothing may be written after that.
    clearTimeout(state.timer);
    if (state.touched) keep(form, state);
    sessionStorage.setItem(SENT, form.dataset.draft);
  });
  window.addEventListener('pagehide', () => {
    clearTimeout(state.timer);
    state.round += 1;
  });
  restore(form, state);
}

export function watchDrafts(page) {
  try {
    sweep();
    forgetSent();
  } catch {
    return;
  }
  page.addEventListener('submit', (event) => {
    if (!event.target.matches('[data-signout]') || !window.indexedDB) return;
    event.preventDefault();
    signOut(event.target).catch(() => {});
  });
  page.addEventListener('page:again', () => page.querySelectorAll('form[data-draft]').forEach(watch));
  // Without the browser's own encryption, and on a machine that several people share, nothing is kept.
  if (!window.crypto?.subtle || !window.indexedDB || page.body.hasAttribute('data-shared')) return;
  page.querySelectorAll('form[data-draft]:not([data-protected])').forEach(watch);
}
