// 草稿 → 待送出 → 已送出, never backwards. A record leaves this phone's store only on a receipt that names it.
import { forget as forgetDraft, seal, unseal } from './draft.js';

const PREFIX = 'outbox:';
const TRY_AGAIN_MS = 30000;
const PATIENCE_MS = 20000;
let sending = false;

const waiting = () => Object.keys(localStorage).filter((name) => name.startsWith(PREFIX));

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

function say(page, text, again) {
  const place = line(page);
  place.textContent = text;
  if (!again) return;
  const button = page.createElement('button');
  button.type = 'button';
  button.className = 'btn quiet';
  button.textContent = '再试一次';
  button.addEventListener('click', () => sendAll(page));
  place.append(button);
}

function tellWaiting(page) {
  const count = waiting().length;
  if (count > 0) say(page, `有${count}条待送出，已经存在这部手机里。有网时会自动送。`, true);
}

async function post(url, body) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE_MS);
  try {
    return await fetch(url, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-outbox': '1' },
      credentials: 'same-origin',
      redirect: 'manual',
      signal: stop.signal,
    });
  } finally {
    clearTimeout(timer);
  }
}

// A portal's 200 is no receipt: only our own answer names the record that was sent.
async function receipt(answer, operation) {
  if (answer.status !== 201) return null;
  const said = await answer.json().catch(() => null);
  return said?.receipt === operation ? said : null;
}

async function keep(operation, url, body, draft) {
  const text = await seal({ url, body, draft });
  localStorage.setItem(PREFIX + operation, text);
}

async function sendOne(name) {
  const operation = name.slice(PREFIX.length);
  const entry = await unseal(localStorage.getItem(name));
  const answer = await post(entry.url, entry.body);
  if (await receipt(answer, operation)) {
    localStorage.removeItem(name);
    forgetDraft(entry.draft);
    return 'sent';
  }
  // Refused for good: it stays, is told, and a person decides.
  return answer.status >= 400 && answer.status < 500 && answer.status !== 401 && answer.status !== 429 ? 'refused' : 'later';
}

export async function sendAll(page) {
  if (sending) return;
  sending = true;
  const told = { sent: 0, refused: 0 };
  try {
    for (const name of waiting()) {
      const became = await sendOne(name).catch(() => 'later');
      if (became === 'later') break;
      told[became] += 1;
    }
  } finally {
    sending = false;
  }
  if (told.sent > 0) say(page, `送出了${told.sent}条，已经记好。`);
  if (told.refused > 0) say(page, `有${told.refused}条送到了，可是没有收下，还存在这部手机里。请告诉管理员。`, true);
  else if (waiting().length > 0) tellWaiting(page);
}

function showAgain(page, html) {
  const fresh = new DOMParser().parseFromString(html, 'text/html');
  const main = fresh.querySelector('main');
  if (!main) return false;
  page.querySelector('main').replaceWith(page.adoptNode(main));
  page.title = fresh.title;
  page.dispatchEvent(new CustomEvent('page:again'));
  return true;
}

async function submitted(event) {
  const form = event.target;
  if (!form.matches?.('form[data-outbox]') || event.defaultPrevented) return;
  const page = form.ownerDocument;
  const data = new FormData(form);
  if (event.submitter?.name) data.append(event.submitter.name, event.submitter.value);
  const operation = data.get('operation');
  const url = form.action;
  const body = new URLSearchParams(data).toString();
  event.preventDefault();
  let answer;
  try {
    answer = await post(url, body);
  } catch {
    return unsent(form, { operation, url, body });
  }
  const said = await receipt(answer.clone(), operation);
  if (said) {
    forgetDraft(form.dataset.draft);
    // The filled form leaves the history: going back leads to where it was opened from.
    location.replace(said.next);
    return undefined;
  }
  if (answer.status === 422 && showAgain(page, await answer.text())) return undefined;
  if (answer.type === 'opaqueredirect' || answer.status >= 500 || answer.ok) return unsent(form, { operation, url, body });
  // Anything else has a page of its own that says what to do.
  form.removeAttribute('data-outbox');
  form.requestSubmit(event.submitter);
  return undefined;
}

async function unsent(form, { operation, url, body }) {
  const page = form.ownerDocument;
  page.dispatchEvent(new CustomEvent('outbox:unsent'));
  // What only the counsellor may read is never kept on a phone.
  if ([...form.querySelectorAll('[data-protected]')].some((field) => field.value)) {
    say(page, '没送出去，写的内容还在这一页，先别关。网好了再点一次保存。');
    return;
  }
  try {
    await keep(operation, url, body, form.dataset.draft);
    say(page, '没送出去，待送出：已经存在这部手机里。有网时会自动送。', true);
  } catch {
    say(page, '没送出去，写的内容还在这一页，先别关。网好了再点一次保存。');
  }
}

export function watchOutbox(page) {
  // Where several people share the browser, or it cannot seal, forms go the plain way.
  if (!window.crypto?.subtle || !window.indexedDB || page.body.hasAttribute('data-shared')) return;
  page.addEventListener('submit', submitted);
  window.addEventListener('online', () => sendAll(page));
  setInterval(() => {
    if (waiting().length > 0) sendAll(page);
  }, TRY_AGAIN_MS);
  if (waiting().length > 0) sendAll(page);
}
