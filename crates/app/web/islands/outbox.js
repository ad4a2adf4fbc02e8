// 草稿 → 待送出 → 已送出, never backwards. A record is sealed and kept before it is sent, and leaves
// this phone only on a receipt that fits it.
import { forget as forgetDraft } from './draft.js';
import { fits, sealFor } from './seal.js';
import { all, count, get, number, put, remove } from './store.js';

const FIRST_WAIT_MS = 30000;
const LONGEST_WAIT_MS = 10 * 60000;
const PATIENCE_MS = 20000;
const SLOW_MS = 3000;
// A form that comes back to be mended keeps its number: sent twice, it is one record of this phone.
const numbered = new Map();
// What went, and as what: a form on the page may be one of them.
const sent = new Map();
const bodies = new Map();
let sending = false;
let wait = FIRST_WAIT_MS;

function line(page) {
  let found = page.querySelector('[data-net]');
  if (found) return found;
  found = page.createElement('p');
  found.className = 'notice';
  found.dataset.net = 'on';
  found.setAttribute('role', 'status');
  page.querySelector('main')?.prepend(found);
  return found;
}

function say(page, text, beside) {
  const place = line(page);
  place.textContent = text;
  if (beside) place.append(beside);
}

function againButton(page) {
  const button = page.createElement('button');
  button.type = 'button';
  button.className = 'btn quiet';
  button.textContent = '再试一次';
  button.addEventListener('click', () => sendAll(page));
  return button;
}

function linkTo(page, href, text) {
  const link = page.createElement('a');
  link.href = href;
  link.textContent = text;
  return link;
}

const asideLink = (page) => linkTo(page, '/me/set-aside', '看一看');
const signInLink = (page) => linkTo(page, '/login', '去登录');

async function tellWaiting(page) {
  const waiting = await count('outbox');
  if (waiting > 0) say(page, `有${waiting}条待送出，已经封好存在这部手机里。有网时会自动送。`, againButton(page));
}

async function post(path, sealed, when) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE_MS);
  try {
    return await fetch(path, {
      method: 'POST',
      body: sealed,
      headers: { 'content-type': 'application/octet-stream', 'x-outbox': when, 'x-outbox-at': new Date().toISOString() },
      credentials: 'same-origin',
      redirect: 'manual',
      signal: stop.signal,
    });
  } finally {
    clearTimeout(timer);
  }
}

// A portal's 200 is no receipt.
async function receipt(entry, answer) {
  if (answer.status !== 201 && answer.status !== 202) return null;
  const said = await answer.clone().json().catch(() => null);
  return (await fits(entry, said)) ? said : null;
}

async function letGo(entry) {
  await remove('outbox', entry.operation);
  forgetDraft(entry.draft);
}

async function sendOne(entry) {
  let said = await receipt(entry, await post('/outbox', entry.sealed, 'later'));
  if (!said) said = await receipt(entry, await post('/outbox/left', entry.sealed, 'later'));
  if (!said) return 'later';
  await letGo(entry);
  if (said.taken) sent.set(entry.operation, said.next);
  return said.taken ? 'sent' : 'aside';
}

// The form of what has just been sent is done with: saved again, it would be told that it was.
function leaveSent(page) {
  const forms = [...page.querySelectorAll('form[data-outbox]')];
  const done = forms.find((form) => sent.has(form.elements.operation?.value));
  if (!done) return;
  const { value } = done.elements.operation;
  if (bodies.get(value) === asSent(done)) {
    done.remove();
    line(page).append(linkTo(page, sent.get(value) || '/week', '看一看'));
  } else say(page, '送出了，已经记好。后来又改的还没有保存：到孩子那一页，在这一条旁边点“改”。');
}

export async function sendAll(page) {
  if (sending) return;
  sending = true;
  const told = { sent: 0, aside: 0, later: 0 };
  try {
    const waiting = await all('outbox');
    waiting.sort((one, other) => one.seq - other.seq);
    for (const entry of waiting) {
      try {
        told[await sendOne(entry)] += 1;
      } catch {
        told.later += 1;
        break;
      }
    }
  } finally {
    sending = false;
  }
  wait = told.later > 0 ? Math.min(wait * 2, LONGEST_WAIT_MS) : FIRST_WAIT_MS;
  if (told.sent > 0) {
    say(page, `送出了${told.sent}条，已经记好。`);
    leaveSent(page);
  }
  if (told.aside > 0) say(page, `有${told.aside}条送到了，可是没有收下，内容还在。`, asideLink(page));
  else if (told.later > 0) await tellWaiting(page);
}

// A proxy's broken answer or a closed tab must not lose it: kept first, sent second.
async function keep(form, { operation, path, body }) {
  const { seal, by } = form.closest('[data-seal]').dataset;
  const before = numbered.get(operation) || (await get('outbox', operation));
  const { device, seq } = before || (await number(`device:${by.split('.')[1]}`));
  numbered.set(operation, { device, seq });
  const at = new Date().toISOString();
  const made = await sealFor(seal, { operation, path, body, device, seq, at, by });
  const entry = { operation, device, seq, at, draft: form.dataset.draft, ...made };
  await put('outbox', operation, entry);
  return entry;
}

const asSent = (form) => new URLSearchParams(new FormData(form)).toString();

function showAgain(page, html) {
  const fresh = new DOMParser().parseFromString(html, 'text/html');
  const main = fresh.querySelector('main');
  if (!main) return false;
  page.querySelector('main').replaceWith(page.adoptNode(main));
  page.title = fresh.title;
  page.dispatchEvent(new CustomEvent('page:again'));
  return true;
}

async function plainly(form, submitter) {
  form.removeAttribute('data-outbox');
  form.dispatchEvent(new CustomEvent('outbox:unsent', { bubbles: true }));
  form.requestSubmit(submitter);
}

async function submitted(event) {
  const form = event.target;
  if (!form.matches?.('form[data-outbox]') || event.defaultPrevented) return;
  const page = form.ownerDocument;
  const data = new FormData(form);
  bodies.set(data.get('operation'), asSent(form));
  if (event.submitter?.name) data.append(event.submitter.name, event.submitter.value);
  const what = { operation: data.get('operation'), path: new URL(form.action).pathname, body: new URLSearchParams(data).toString() };
  event.preventDefault();
  let entry;
  try {
    entry = await keep(form, what);
  } catch {
    // A store that is full or refused: the plain way, before anything is lost.
    plainly(form, event.submitter);
    return;
  }
  sending = true;
  const slow = setTimeout(() => say(page, '已经存在这部手机里，正在送。'), SLOW_MS);
  try {
    await sendNow(form, entry, event.submitter);
  } catch {
    await unsent(form);
  } finally {
    clearTimeout(slow);
    sending = false;
  }
}

async function sendNow(form, entry, submitter) {
  const page = form.ownerDocument;
  const answer = await post('/outbox', entry.sealed, 'now');
  const said = await receipt(entry, answer);
  if (said) {
    await letGo(entry);
    // The filled form leaves the history: going back leads to where it was opened from.
    location.replace(said.next);
    return;
  }
  // Its writer stands before it: what was wrong is mended on the page.
  if (answer.status === 422 && showAgain(page, await answer.clone().text())) {
    await remove('outbox', entry.operation);
    return;
  }
  if ([400, 404].includes(answer.status)) {
    await remove('outbox', entry.operation);
    // The page of the plain way says what to do.
    await plainly(form, submitter);
    return;
  }
  await unsent(form, answer.type === 'opaqueredirect');
}

// Whoever has something to write down about it does so before the page says that all is kept.
async function unsent(form, signedOut) {
  const page = form.ownerDocument;
  const notes = [];
  page.dispatchEvent(new CustomEvent('outbox:unsent', { detail: { notes } }));
  await Promise.allSettled(notes);
  if (signedOut) say(page, '登录到时间了。这一条已经封好存在这部手机里，重新登录后会自动送。', signInLink(page));
  else say(page, '没送出去，待送出：已经封好存在这部手机里。有网时会自动送。', againButton(page));
}

export function watchOutbox(page) {
  // Where several people share the browser, or it cannot seal, forms go the plain way.
  if (!window.crypto?.subtle || !window.indexedDB || page.body.hasAttribute('data-shared')) return;
  page.addEventListener('submit', submitted);
  const look = async () => {
    if ((await count('outbox')) > 0) await sendAll(page);
  };
  const lookAgain = () => setTimeout(() => look().catch(() => {}).finally(lookAgain), wait);
  window.addEventListener('online', () => sendAll(page));
  look().catch(() => {});
  lookAgain();
}
