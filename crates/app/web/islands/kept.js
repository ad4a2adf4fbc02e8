// What 带上路 keeps, sealed with this phone's key, until the day is over.
import { openHere, sealHere } from './seal.js';
import { all, get, put, remove } from './store.js';

export const today = () => {
  const now = new Date();
  return `${now.getFullYear()}-${now.getMonth() + 1}-${now.getDate()}`;
};

const nameOf = (url) => url.pathname + url.search;

const isWay = (name) => name.startsWith('/visits/way/');

async function fetched(name) {
  const answer = await fetch(name, { credentials: 'same-origin', headers: { 'x-way': '1' } });
  if (!answer.ok || answer.redirected) throw new Error(name);
  return answer;
}

export async function keepPage(name) {
  const answer = await fetched(name);
  const policy = answer.headers.get('content-security-policy');
  const sealed = await sealHere(await answer.text());
  await put('way', name, { name, day: today(), policy, sealed });
}

export async function keepAsset(name) {
  const answer = await fetched(name);
  await put('way', name, { name, day: today(), type: answer.headers.get('content-type'), body: await answer.text() });
}

// The day's end is the end of all of it.
export async function sweep() {
  const kept = await all('way');
  const old = kept.filter((one) => one.day !== today());
  for (const one of old) await remove('way', one.name);
  return kept.length - old.length;
}

async function found(url) {
  const own = await get('way', nameOf(url));
  if (own && own.day === today()) return own;
  return null;
}


// Each showing of a form is a new act: two visits must not share a name.
const asNew = (html) => html.replace(/(name="operation" value=")[^"]*/g, () => `name="operation" value="${crypto.randomUUID()}`);

async function opened(kept) {
  if (!kept?.sealed) return null;
  const html = asNew(await openHere(kept.sealed)).replace('<body', `<body data-kept="${isWay(kept.name) ? 'way' : 'form'}"`);
  return new Response(html, { headers: { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': kept.policy } });
}

export const keptPage = async (url) => opened(await found(url));

// The way that was taken last: from there everything else is reached.
export async function lastWay() {
  const ways = (await all('way')).filter((one) => isWay(one.name) && one.day === today());
  return opened(ways[ways.length - 1]);
}

export async function keptAsset(url) {
  const kept = await found(url);
  return kept?.body === undefined ? null : new Response(kept.body, { headers: { 'content-type': kept.type } });
}

// What was written on the way today, so that the list says so before it is sent.
export const markDone = (child) => put('way', `done:${child}`, { name: `done:${child}`, day: today() });

export const isDone = async (child) => (await get('way', `done:${child}`))?.day === today();
