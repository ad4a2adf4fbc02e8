// 带上路: keeps today's pages in this phone, says so, and forgets them when the day is over.
import { clear } from './store.js';
import { isDone, keepAsset, keepPage, markDone, sweep } from './kept.js';

const canKeep = (page) =>
  navigator.serviceWorker && window.crypto?.subtle && window.indexedDB && !page.body.hasAttribute('data-shared') && !/MicroMessenger/i.test(navigator.userAgent);

function say(place, text) {
  place.textContent = text;
  place.hidden = false;
}

async function keepAll(page) {
  const forms = [...page.querySelectorAll('[data-stop] a')].map((link) => link.getAttribute('href'));
  const assets = [...page.querySelectorAll('link[rel=stylesheet], script[src]')].map((part) => part.getAttribute('href') || part.getAttribute('src'));
  for (const name of assets) await keepAsset(name);
  for (const name of forms) await keepPage(name);
  await keepPage(location.pathname);
  await navigator.serviceWorker.register('/way.js');
  await navigator.serviceWorker.ready;
}

async function tellDone(page) {
  for (const stop of page.querySelectorAll('[data-stop]')) {
    if (!(await isDone(stop.dataset.stop)) || stop.querySelector('.tag')) continue;
    const tag = page.createElement('span');
    tag.className = 'tag done';
    tag.textContent = '写好了，待送出';
    stop.querySelector('p').append(tag);
  }
}

async function openWay(page, place) {
  if (page.body.dataset.kept) {
    say(place, '没有网。这是今天带上的，能看也能记，有网时会自动送。');
    await tellDone(page);
    return;
  }
  if (!canKeep(page)) {
    say(place, '这个浏览器不能把页面带在路上。请用手机自带的浏览器打开，或者打印走访单。');
    return;
  }
  say(place, '正在存到这部手机，先别关。');
  await keepAll(page);
  say(place, '存好了。今天没有网也能打开这一页，也能记。');
}

// The worker goes when nothing is left for it.
async function tidy() {
  const registered = await navigator.serviceWorker?.getRegistration('/');
  if (!registered) return;
  if ((await sweep()) === 0) await registered.unregister();
}

export function watchWay(page) {
  // Who signs in may be another person than who took the pages along.
  page.addEventListener('submit', (event) => {
    if (event.target.matches('form[action="/login"]') && window.indexedDB) clear('way').catch(() => {});
  });
  const place = page.querySelector('[data-way]');
  if (place) {
    openWay(page, place).catch(() => say(place, '没有存全。请在有网的地方再打开一次这一页。'));
    return;
  }
  if (window.indexedDB) tidy().catch(() => {});
  if (page.body.dataset.kept !== 'form') return;
  page.addEventListener('outbox:unsent', (event) => {
    const child = location.pathname.split('/')[2];
    const marked = markDone(child).catch(() => {});
    event.detail?.notes.push(marked);
  });
}
