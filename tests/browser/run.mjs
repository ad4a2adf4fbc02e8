// Journeys in Chromium: layout, accessibility, words, with and without JavaScript; then kills.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { PASSWORD, demo, run, scratch, signIn, wire } from './school.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'];
// ux.md §7.10: what no shared page may say.
const WORDS = ['留守', '问题学生', '矫治', '差生', '逾期', '扣分', '！'];
const tests = [];
const test = (name, body) => tests.push([name, body]);

const { child, base } = await demo();
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});

async function open(username, { at = base, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 360, height: 740 }, timezoneId: 'Asia/Shanghai', ...options });
  const page = await context.newPage();
  await signIn(page, at, username);
  return page;
}

async function childId(page, name) {
  const found = await page.request.get(`${base}/api/v1/children?q=${encodeURIComponent(name)}`);
  return (await found.json()).items[0].id;
}

async function screens(page) {
  const id = await childId(page, '李思雨');
  return [`/children/${id}/particulars`, `/children/${id}/determinations`, '/week', '/children', `/children/${id}`, `/children/${id}/home`, `/children/${id}/pairing`, '/census', '/office', `/children/${id}/records/new?kind=talk`, `/children/${id}/records/new?kind=home_visit`, `/children/${id}/call`, `/children/${id}/card`, `/children/${id}/dossier`, `/children/${id}/dossier/registration`, `/children/${id}/dossier/term_confirmation`, `/children/${id}/dossier/entrustment_notice`, `/children/${id}/files`, '/dossiers', '/print', '/gaps', '/gaps/weeks', '/calls', '/visits', '/note', '/print/cards', '/me', '/more', '/worried'];
}

// What each role opens; the class teacher opens every screen about a child.
const PLACES = [
  ['banzhuren', null],
  ['bangfu', ['/week', '/children', '/gaps', '/calls', '/visits', '/note']],
  ['xinli', ['/week', '/children', '/note']],
  ['xiaozhang', ['/week', `/pairing?class=${encodeURIComponent('三（1）班')}`, '/children', '/gaps', '/overview', '/office', '/office/packs', '/office/forms', '/dossiers', '/print', '/office/school', '/office/classes', '/office/journal']],
  ['dangan', ['/week', '/children', '/gaps', '/census', '/office', '/office/import', '/office/cards', '/office/left', '/office/graduation', '/office/twins', '/dossiers', '/print', '/dossiers/progress_entry/back', '/registers', '/registers/volunteer', '/registers/volunteer/back', '/office/requests', '/print?pick_from=' + encodeURIComponent('五（2）班')]],
  ['guanli', ['/office', '/office/people', '/office/school']],
  ['xianju', ['/week', '/overview']],
];

async function fits(page, where) {
  const [scroll, client] = await page.evaluate(() => [document.documentElement.scrollWidth, document.documentElement.clientWidth]);
  assert.equal(scroll, client, `${where} scrolls sideways`);
}

async function clean(page, where) {
  // What scrolls under the bar at the window's edge is half covered for a moment, and no fault.
  await page.addStyleTag({ content: '.save { position: static !important; }' });
  await page.addScriptTag({ content: axe });
  const found = await page.evaluate((tags) => window.axe.run(document, { runOnly: tags }), TAGS);
  assert.deepEqual(found.violations.map((one) => `${one.id}: ${one.nodes[0].html}`), [], where);
}

const width = (size, options = {}) => async () => {
  const page = await open('banzhuren', { viewport: { width: size, height: 740 } });
  for (const path of await screens(page)) {
    await page.goto(base + path);
    if (options.rootFont) await page.evaluate((font) => { document.documentElement.style.fontSize = font; }, options.rootFont);
    await fits(page, `${path} at ${size}`);
  }
  await page.context().close();
};
test('no page of any role scrolls sideways at 320', async () => {
  for (const [username, own] of PLACES) {
    const page = await open(username, { viewport: { width: 320, height: 740 } });
    for (const path of own ?? []) {
      await page.goto(base + path);
      await fits(page, `${username} ${path}`);
    }
    await page.context().close();
  }
});
test('no page scrolls sideways at 360', width(360));
test('no page scrolls sideways at 320', width(320));
test('no page scrolls sideways at 1280', width(1280));
test('no page scrolls sideways with letters twice as big', width(360, { rootFont: '200%' }));

for (const [colorScheme, size] of [['light', 360], ['dark', 360], ['light', 1280]]) {
  test(`axe finds nothing on any screen, ${colorScheme}, ${size}`, async () => {
    for (const [username, own] of PLACES) {
      const page = await open(username, { colorScheme, bypassCSP: true, viewport: { width: size, height: size > 1000 ? 800 : 740 } });
      for (const path of own ?? await screens(page)) {
        const answer = await page.goto(base + path);
        assert.equal(answer.status(), 200, `${username} ${path}`);
        await clean(page, `${username} ${path}`);
      }
      await page.context().close();
    }
  });
}

test('no shared page says a word that hurts, and no title names a child', async () => {
  const page = await open('banzhuren');
  for (const path of await screens(page)) {
    await page.goto(base + path);
    const text = await page.innerText('body');
    for (const word of WORDS) assert.ok(!text.includes(word), `${word} on ${path}`);
    assert.ok(!(await page.title()).includes('李思雨'), path);
  }
  await page.context().close();
});

test('controls are 44 px and letters 13 px at least', async () => {
  const page = await open('banzhuren');
  for (const path of await screens(page)) {
    await page.goto(base + path);
    const small = await page.evaluate(() => {
      const seen = (one) => one.offsetParent !== null && !one.closest('.visually-hidden');
      const letters = [...document.querySelectorAll('main *')].filter((one) => seen(one) && one.childNodes.length && parseFloat(getComputedStyle(one).fontSize) < 12.99);
      const buttons = [...document.querySelectorAll('main .btn, main button, main .chip, .tabbar a')].filter((one) => seen(one) && one.getBoundingClientRect().height < 43.5);
      return [...letters, ...buttons].map((one) => one.outerHTML.slice(0, 120));
    });
    assert.deepEqual(small, [], path);
  }
  await page.context().close();
});

test('the talk form fits one screen of a phone', async () => {
  const page = await open('banzhuren');
  const id = await childId(page, '李思雨');
  await page.goto(`${base}/children/${id}/records/new?kind=talk`);
  const save = await page.locator('.save button').boundingBox();
  assert.ok(save.y + save.height <= 740);
  await page.context().close();
});

test('a class activity is one form, without JavaScript, and one undo', async () => {
  const other = await demo();
  const principal = await open('xiaozhang', { at: other.base });
  await principal.goto(`${other.base}/office/packs`);
  await principal.click('form:has(input[value=p1]) button[value=adopt]');
  await principal.context().close();
  for (const [colorScheme, size] of [['light', 320], ['dark', 360], ['light', 1280]]) {
    const page = await open('banzhuren', { at: other.base, colorScheme, bypassCSP: true, viewport: { width: size, height: 740 } });
    await page.goto(`${other.base}/note?kind=class_activity`);
    await clean(page, 'the choice of a class');
    await page.click('.names a');
    await fits(page, `a class activity at ${size}`);
    await clean(page, 'a class activity');
    await page.context().close();
  }
  const page = await open('banzhuren', { at: other.base, javaScriptEnabled: false });
  await page.goto(`${other.base}/note?kind=class_activity`);
  await page.click('.names a');
  const names = page.locator('input[name=also]');
  assert.ok(await names.count() > 3);
  assert.equal(await names.count(), await page.locator('input[name=also]:checked').count());
  await page.fill('[name=title]', '一起包饺子');
  await page.click('label.chip:has-text("李思雨")');
  await page.click('.save button');
  await page.waitForSelector('.undo');
  const timeline = async (name) => {
    const found = await page.request.get(`${other.base}/api/v1/children?q=${encodeURIComponent(name)}`);
    const id = (await found.json()).items[0].id;
    return (await page.request.get(`${other.base}/api/v1/children/${id}/timeline`)).text();
  };
  assert.ok((await timeline('张小明')).includes('一起包饺子'));
  assert.ok(!(await timeline('李思雨')).includes('一起包饺子'));
  await page.click('.undo button');
  await page.waitForSelector('.notice');
  assert.ok(!(await timeline('张小明')).includes('一起包饺子'));
  await page.context().close();
  other.child.kill();
});

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? 'with' : 'without';
  test(`from 本周 to a saved talk and back again, ${how} JavaScript`, async () => {
    const page = await open('banzhuren', { javaScriptEnabled });
    await page.click('summary:has-text("还没聊的")');
    await page.click('details[open] .names a:has-text("李思雨")');
    assert.ok((await page.innerText('h1')).includes('和李思雨聊过了'));
    await page.click('.save button');
    await page.waitForSelector('.errors');
    assert.ok((await page.title()).startsWith('错误：'));
    if (javaScriptEnabled) assert.ok(await page.evaluate(() => document.activeElement.matches('.errors')), 'the summary has no focus');
    await page.click('label:has-text("想家")');
    await page.click('.save button');
    await page.waitForURL('**/week?done=*');
    assert.ok((await page.innerText('.undo')).includes('记好了。'));
    const talks = async () => {
      const week = await (await page.request.get(`${base}/api/v1/week`)).json();
      // What the plan has for the festivals comes in its own time.
      return week.items.filter((one) => one.kind === 'talk' && one.state !== 'soon' && one.child.name === '李思雨').length;
    };
    assert.equal(await talks(), 0);
    await page.click('.undo button');
    await page.waitForURL('**/week?said=undone');
    assert.ok((await page.innerText('.notice')).includes('撤销了'));
    assert.equal(await talks(), 1);
    await page.context().close();
  });
}

test('a call is one tap to reveal, one to dial, one to save', async () => {
  const page = await open('banzhuren');
  const id = await childId(page, '张小明');
  await page.goto(`${base}/children/${id}/call?back=/week`);
  assert.ok(!(await page.content()).includes('16010007919'));
  await page.click('section:has-text("妈妈") button:has-text("看号码")');
  assert.ok(!(await page.isVisible('button:has-text("打通了")')), 'asked before the call');
  const dial = page.locator('a[href^="tel:"]');
  assert.match(await dial.getAttribute('href'), /^tel:160\d{8}$/);
  await dial.evaluate((link) => link.addEventListener('click', (event) => { window.cancelled = event.defaultPrevented; event.preventDefault(); }));
  await dial.click();
  assert.equal(await page.evaluate(() => window.cancelled), false);
  await page.click('button:has-text("打通了")');
  await page.waitForURL('**/records/*/edit?done=*');
  assert.ok(await page.isVisible('button:has-text("撤销")'), 'saved already, and can be taken back');
  await page.check('label:has-text("报喜") input', { force: true });
  await page.click('button:has-text("保存")');
  await page.waitForURL('**/week');
  await page.context().close();
});

test('search finds by initials while the IME composes', async () => {
  const page = await open('banzhuren');
  await page.goto(`${base}/children`);
  for (const typed of ['zxm', "z'x'm", '小明', 'ZXM']) {
    await page.fill('#q', '');
    await page.fill('#q', typed);
    await page.waitForSelector('#hits a:has-text("张小明")');
  }
  await page.context().close();
});

// What lies in the browser's database, as letters.
const waiting = (page) => page.evaluate(async () => {
  const come = (from) => new Promise((resolve, reject) => { from.onsuccess = () => resolve(from.result); from.onerror = reject; });
  const base = await come(indexedDB.open('nuanchao'));
  const found = await come(base.transaction('outbox').objectStore('outbox').getAll());
  base.close();
  return found.map((entry) => JSON.stringify(entry) + new TextDecoder().decode(entry.sealed));
});

test('without a network a record waits on the phone, and is sent once when there is one', async () => {
  const page = await open('banzhuren');
  const id = await childId(page, '刘洋');
  const count = async () => (await (await page.request.get(`${base}/api/v1/children/${id}/timeline?limit=500`)).json()).items.length;
  const before = await count();
  await page.goto(`${base}/children/${id}/records/new?kind=talk`);
  await page.click('label:has-text("想家")');
  await page.fill('#note', '想妈妈了');
  await page.context().setOffline(true);
  await page.click('.save button');
  await page.waitForSelector('.notice:has-text("待送出")');
  const kept = await waiting(page);
  assert.equal(kept.length, 1);
  assert.ok(!kept[0].includes('想妈妈'), 'what waits lies open on the phone');
  await page.context().setOffline(false);
  await page.waitForSelector('.notice:has-text("送出了1条")');
  assert.equal(await count(), before + 1);
  assert.equal((await waiting(page)).length, 0);
  // What has gone cannot be saved a second time by the form that made it.
  assert.equal(await page.locator('form[data-outbox]').count(), 0);
  await page.click('.notice a:has-text("看一看")');
  await page.waitForURL('**done=*');
  await page.goto(`${base}/children/${id}/records/new?kind=talk`);
  assert.equal(await page.inputValue('#note'), '', 'a saved draft comes back');
  await page.context().close();
});

test('a form that comes back twice keeps its number, and no phone is said to hold anything back', async () => {
  const page = await open('xinli');
  const id = await childId(page, '王梓涵');
  await page.goto(`${base}/children/${id}/records/new?kind=talk`);
  for (let round = 0; round < 2; round += 1) {
    // The second time the errors of the first still stand there: the answer is waited for.
    await Promise.all([page.waitForResponse((answer) => answer.request().method() === 'POST'), page.click('.save button')]);
    await page.waitForSelector('.errors');
    await page.waitForSelector('form:not([data-sending]) .save button:enabled');
  }
  await page.click('label:has-text("同学")');
  await page.click('.save button');
  await page.waitForURL('**done=*');
  await page.goto(`${base}/me`);
  assert.ok(!(await page.innerText('main')).includes('还没送到'));
  await page.context().close();
});

test('a login that ended is said, and what was written is sent after signing in', async () => {
  const page = await open('limei');
  const id = await page.request.get(`${base}/api/v1/children`).then((answer) => answer.json()).then((list) => list.items[0].id);
  await page.goto(`${base}/children/${id}/records/new?kind=talk`);
  await page.click('label:has-text("学习")');
  await page.context().clearCookies();
  await page.click('.save button');
  await page.waitForSelector('.notice:has-text("登录到时间了")');
  await page.click('a:has-text("去登录")');
  await signIn(page, base, 'limei');
  await page.waitForSelector('.notice:has-text("送出了1条")');
  await page.context().close();
});

test('signing out loses nothing that waits, and nobody else sends it', async () => {
  const page = await open('banzhuren');
  const id = await childId(page, '周天佑');
  const count = async () => (await (await page.request.get(`${base}/api/v1/children/${id}/timeline?limit=500`)).json()).items.length;
  const before = await count();
  await page.goto(`${base}/me`);
  await page.goto(`${base}/children/${id}/records/new?kind=talk`);
  await page.click('label:has-text("身体")');
  await page.route('**/outbox*', (route) => route.abort());
  await page.click('.save button');
  await page.waitForSelector('.notice:has-text("待送出")');
  await page.goto(`${base}/me`);
  await page.click('button:has-text("退出登录")');
  await page.waitForURL('**/login*');
  await page.unroute('**/outbox*');
  await signIn(page, base, 'bangfu');
  await page.waitForSelector('.notice:has-text("有1条待送出")');
  await page.goto(`${base}/me`);
  await page.click('button:has-text("退出登录")');
  await page.waitForURL('**/login*');
  await signIn(page, base, 'banzhuren');
  await page.waitForSelector('.notice:has-text("送出了1条")');
  assert.equal(await count(), before + 1);
  assert.equal((await waiting(page)).length, 0);
  await page.context().close();
});

test('带上路: the day\'s homes open without a network, a visit is written there and sent later', async () => {
  const line = await wire(base);
  const page = await open('banzhuren', { at: line.base });
  const offline = async (is) => {
    if (is) line.cut();
    else line.mend();
    await page.context().setOffline(is);
    // What a phone says; a browser without a screen does not always.
    if (!is) await page.evaluate(() => window.dispatchEvent(new Event('online')));
  };
  await page.goto(`${line.base}/visits`);
  await page.click('button:has-text("带上路") >> nth=0');
  await page.waitForURL('**/visits/way/*');
  await page.waitForSelector('[data-way]:has-text("存好了")');
  const way = page.url();
  const name = await page.innerText('[data-stop] strong >> nth=0').then((text) => text.split('　')[1]);
  const lies = await page.evaluate(async () => {
    const come = (from) => new Promise((resolve, reject) => { from.onsuccess = () => resolve(from.result); from.onerror = reject; });
    const box = (await come(indexedDB.open('nuanchao'))).transaction('way').objectStore('way');
    return JSON.stringify(await come(box.getAll()), (key, value) => (value instanceof ArrayBuffer ? new TextDecoder().decode(value) : value));
  });
  assert.ok(!lies.includes(name), 'a name lies open on the phone');
  await offline(true);
  await page.goto(`${line.base}/week`);
  await page.waitForSelector('[data-way]:has-text("没有网")');
  assert.ok((await page.innerText('main')).includes(name));
  // A slow page that was not taken along is waited for, and not replaced by the way.
  await offline(false);
  await page.context().route('**/gaps', async (route) => {
    await new Promise((done) => setTimeout(done, 5000));
    await route.continue();
  });
  await page.goto(`${line.base}/gaps`);
  assert.ok((await page.innerText('h1')).includes('谁好久没联系'));
  await page.context().unroute('**/gaps');
  await offline(true);
  await page.goto(way);
  await page.click('[data-stop] a >> nth=0');
  await page.waitForSelector('.save button');
  for (const group of await page.$$('fieldset.field')) if (await group.isVisible()) await (await group.$('label.chip')).click();
  await page.click('.save button');
  await page.waitForSelector('.notice:has-text("待送出")');
  await page.goto(way);
  await page.waitForSelector('[data-stop] .tag:has-text("待送出")');
  await offline(false);
  await page.waitForSelector('.notice:has-text("送出了1条")');
  await page.goto(way);
  await page.waitForSelector('[data-stop] .tag:has-text("今天去过了")');
  // The next day nothing of it is left.
  await page.evaluate(async () => {
    const come = (from) => new Promise((resolve, reject) => { from.onsuccess = () => resolve(from.result); from.onerror = reject; });
    const box = (await come(indexedDB.open('nuanchao'))).transaction('way', 'readwrite').objectStore('way');
    for (const one of await come(box.getAll())) await come(box.put({ ...one, day: '2025-1-1' }, one.name));
  });
  await page.goto(`${line.base}/week`);
  await page.waitForFunction(async () => !(await navigator.serviceWorker.getRegistration('/')));
  await offline(true);
  await assert.rejects(page.goto(way));
  await page.context().close();
  line.close();
});

test('an answer that is lost on the way is asked for again, and one record is kept', async () => {
  const page = await open('banzhuren');
  const id = await childId(page, '陈浩');
  const count = async () => (await (await page.request.get(`${base}/api/v1/children/${id}/timeline?limit=500`)).json()).items.length;
  const before = await count();
  await page.goto(`${base}/children/${id}/records/new?kind=talk`);
  let lost = 0;
  await page.route('**/outbox', async (route) => {
    lost += 1;
    if (lost > 1) return route.continue();
    await route.fetch();
    return route.abort();
  });
  await page.click('label:has-text("身体")');
  await page.click('.save button');
  await page.waitForSelector('.notice:has-text("待送出")');
  await page.click('button:has-text("再试一次")');
  await page.waitForSelector('.notice:has-text("送出了1条")');
  assert.equal(await count(), before + 1);
  await page.context().close();
});

test('in the table the arrows go from cell to cell, and the weeks of the term stand beside it', async () => {
  const page = await open('banzhuren', { viewport: { width: 1280, height: 800 } });
  await page.goto(`${base}/gaps`);
  await page.locator('.gaps tbody td a').first().focus();
  const here = () => page.evaluate(() => { const cell = document.activeElement.closest('td, th'); return [cell.parentElement.rowIndex, cell.cellIndex]; });
  assert.deepEqual(await here(), [1, 1]);
  for (const key of ['ArrowRight', 'ArrowDown']) await page.keyboard.press(key);
  assert.deepEqual(await here(), [2, 2]);
  await page.click('main a:has-text("按周")');
  await page.waitForURL('**/gaps/weeks*');
  assert.ok((await page.innerText('.gaps tbody')).includes('谈'));
  assert.match(await page.innerText('.gaps tfoot'), /\d+\/12/);
  await page.keyboard.press('?');
  assert.ok(await page.isVisible('dialog#keys'));
  // From row to row, also over those that fold several children up.
  await page.goto(`${base}/week`);
  const rows = await page.locator('.rows a.row-title:visible, .rows summary:visible').count();
  await page.keyboard.press('j');
  const at = () => page.evaluate(() => [...document.querySelectorAll('.rows a.row-title, .rows summary')].filter((one) => one.getClientRects().length).indexOf(document.activeElement));
  assert.ok(rows > 1);
  assert.equal(await at(), 0);
  await page.keyboard.press('j');
  assert.equal(await at(), 1);
  await page.context().close();
});

test('a draft is back after a reload', async () => {
  const page = await open('banzhuren');
  const id = await childId(page, '吴思远');
  await page.goto(`${base}/children/${id}/records/new?kind=talk`);
  await page.click('label:has-text("想家")');
  await page.fill('#note', '写到一半');
  await page.waitForFunction(() => Object.keys(localStorage).some((name) => name.startsWith('draft:')));
  await page.reload();
  await page.waitForSelector('.notice:has-text("放回来")');
  assert.equal(await page.inputValue('#note'), '写到一半');
  assert.ok(await page.isChecked('input[value="homesick"]'));
  await page.context().close();
});

test('what is half written in a file is back after a reload and after signing in again, and gone when it is saved', async () => {
  const page = await open('banzhuren');
  const id = await childId(page, '吴思远');
  const form = `${base}/children/${id}/dossier/individual_plan`;
  const kept = () => page.evaluate(() => Object.keys(localStorage).filter((name) => name.startsWith('draft:')).length);
  await page.goto(form);
  await page.evaluate(() => document.querySelectorAll('details').forEach((one) => (one.open = true)));
  await page.fill('#goals', '每天问一声');
  await page.fill('#measures', '放学后陪着写完作业');
  await page.waitForFunction(() => Object.keys(localStorage).some((name) => name.startsWith('draft:')));
  await page.reload();
  await page.waitForSelector('.notice:has-text("放回来")');
  assert.equal(await page.inputValue('#goals'), '每天问一声');
  await page.context().clearCookies();
  await page.click('.save button');
  await page.waitForURL('**/login?back=*');
  assert.ok(decodeURIComponent(page.url()).endsWith(`/children/${id}/dossier/individual_plan`), page.url());
  await page.fill('#username', 'banzhuren');
  await page.fill('#password', PASSWORD);
  await page.click('button.primary');
  await page.waitForURL(form);
  await page.waitForSelector('.notice:has-text("放回来")');
  assert.equal(await kept(), 1);
  await page.click('.save button');
  await page.waitForURL('**said=*');
  assert.equal(await kept(), 0, 'a saved draft stays');
  await page.context().close();
});

test('a projected screen shows no name, no standing and nothing about a child', async () => {
  const page = await open('banzhuren', { viewport: { width: 1280, height: 800 } });
  const id = await childId(page, '张小明');
  await page.keyboard.press('Shift+P');
  await page.waitForSelector('button:has-text("关掉投屏")');
  for (const path of ['/week', '/children', '/note']) {
    await page.goto(base + path);
    const html = await page.content();
    for (const hidden of ['张小明', '李思雨', '已过', '今天到期', '上次']) assert.ok(!html.includes(hidden), `${hidden} on ${path}`);
    assert.match(await page.title(), /^校务/);
  }
  for (const path of [`/children/${id}`, `/children/${id}/card`, '/gaps', '/calls', '/visits', '/me/changes', '/me/set-aside']) {
    await page.goto(base + path);
    assert.ok((await page.innerText('main')).includes('投屏的时候不显示'), path);
  }
  await page.click('main button:has-text("关掉投屏")');
  await page.goto(`${base}/children`);
  assert.ok((await page.content()).includes('张小明'));
  await page.context().close();
});

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? 'with' : 'without';
  test(`a roster goes in, is asked about, and is taken back, ${how} JavaScript`, async () => {
    const page = await open('dangan', { javaScriptEnabled, bypassCSP: true });
    await page.goto(`${base}/office/import`);
    const born = javaScriptEnabled ? '2015-05-06' : '2015-05-07';
    await page.setInputFiles('#file', { name: '名单.csv', mimeType: 'text/csv', buffer: Buffer.from(`姓名,性别,班级,出生日期\n钱多多,男,五（2）班,${born}\n孙乐乐,,五（2）班,2015-13-01\n`) });
    await page.click('button:has-text("下一步")');
    assert.ok((await page.innerText('h1')).includes('1人可以导入'));
    assert.ok((await page.innerText('main')).includes('13月'));
    await page.click('button:has-text("先导入1人")');
    assert.ok((await page.innerText('h1')).includes('新建1'));
    const first = page.url();
    for (const [address, says] of [['新村2号', '会更新的1人'], ['', '1人和本校的一样']]) {
      await page.goto(`${base}/office/import`);
      await page.setInputFiles('#file', { name: '名单.csv', mimeType: 'text/csv', buffer: Buffer.from(`姓名,性别,班级,出生日期,家庭住址\n钱多多,男,五（2）班,${born},${address}\n`) });
      await page.click('button:has-text("下一步")');
      assert.ok((await page.innerText('main')).includes(says), says);
      if (javaScriptEnabled) await clean(page, says);
      await fits(page, says);
    }
    await page.goto(first);
    await page.click('button:has-text("撤回这次导入")');
    assert.ok((await page.innerText('h1')).includes('已经撤回'));
    await page.context().close();
  });

  test(`a move to another grade is asked about and made good in one step, ${how} JavaScript`, async () => {
    const page = await open('dangan', { javaScriptEnabled, bypassCSP: true });
    await page.goto(`${base}/office/classes`);
    await page.click('a[aria-label="五（2）班，并班、分班"]');
    await page.click('label:has-text("赵一诺")');
    await page.click('#class label:has-text("三（1）班")');
    await page.click('button:has-text("一起转过去")');
    assert.ok((await page.innerText('.notice.warn')).includes('不是一个年级'));
    if (javaScriptEnabled) await clean(page, 'another grade');
    await page.click('button:has-text("一起转过去")');
    await fits(page, 'the classes');
    await page.click('button:has-text("1人转回五（2）班")');
    assert.ok((await page.innerText('.notice')).includes('转好了'));
    await page.goto(`${base}/children?q=zyn`);
    assert.ok((await page.innerText('#hits')).includes('五（2）班'));
    await page.context().close();
  });

  test(`a mother who left is written down, and the plan of the school changes, ${how} JavaScript`, async () => {
    const page = await open('banzhuren', { javaScriptEnabled });
    const id = await childId(page, '周天佑');
    await page.goto(`${base}/children/${id}/home`);
    await page.click('summary:has-text("妈妈的情况变了")');
    const form = page.locator('form[action$="/home/parent"]').nth(1);
    await form.locator('label:has-text("在外面")').first().click();
    await form.locator('input[name=place]').fill('宁波');
    await form.locator('button').click();
    assert.ok((await page.innerText('.notice')).includes('记下了'));
    assert.ok((await page.innerText('main')).includes('宁波'));
    const principal = await open('xiaozhang', { javaScriptEnabled });
    await principal.goto(`${base}/office/packs`);
    const pack = principal.locator('section:has-text("计划二")').first();
    await pack.locator('button:has-text("从今天起用这份")').click();
    assert.ok((await principal.innerText('.notice')).includes('定好了'));
    await principal.locator('section:has-text("计划二")').first().locator('button:has-text("停用")').click();
    await principal.context().close();
    await page.context().close();
  });
}

test('back from a saved record asks nothing', async () => {
  const page = await open('banzhuren');
  const id = await childId(page, '王梓涵');
  await page.goto(`${base}/children`);
  await page.goto(`${base}/children/${id}/records/new?kind=talk&back=/week`);
  await page.click('label:has-text("学习")');
  await page.click('.save button');
  await page.waitForURL('**/week?done=*');
  await page.goBack();
  await page.waitForURL('**/children');
  await page.context().close();
});

test('a form that comes back by going back is sent once more as the same record', async () => {
  const page = await open('banzhuren');
  const id = await childId(page, '赵一诺');
  const count = async () => (await (await page.request.get(`${base}/api/v1/children/${id}/timeline?limit=500`)).json()).items.length;
  const before = await count();
  await page.goto(`${base}/children`);
  await page.goto(`${base}/children/${id}/records/new?kind=talk&back=/week`);
  // As on a computer that several people share: the plain way, where the filled page stays behind.
  const plain = () => page.evaluate(() => document.querySelector('form[data-outbox]').removeAttribute('data-outbox'));
  await plain();
  await page.click('label:has-text("学习")');
  await page.click('.save button');
  await page.waitForURL('**/week?done=*');
  await page.goBack();
  await page.waitForURL(/records\/new/);
  await plain().catch(() => {});
  if (!(await page.isChecked('input[value="study"]'))) await page.click('label:has-text("学习")');
  await page.click('.save button');
  await page.waitForURL('**said=again*');
  assert.equal(await count(), before + 1);
  await page.context().close();
});

test('what was picked by mistake is let go by a second tap', async () => {
  const page = await open('banzhuren');
  const id = await childId(page, '陈浩');
  await page.goto(`${base}/children/${id}/dossier/entrustment_notice`);
  const yes = page.locator('#contact_promise label').first();
  await yes.click();
  assert.ok(await yes.locator('input').isChecked());
  await yes.click();
  assert.ok(!(await yes.locator('input').isChecked()));
  await page.context().close();
});

test('two taps on 保存 leave one record and no draft', async () => {
  const page = await open('banzhuren');
  const id = await childId(page, '郑欣怡');
  const count = async () => (await (await page.request.get(`${base}/api/v1/children/${id}/timeline?limit=500`)).json()).items.length;
  const before = await count();
  await page.goto(`${base}/children/${id}/records/new?kind=talk&back=/week`);
  await page.click('label:has-text("学习")');
  await page.fill('#note', '只说一次');
  let sent = 0;
  page.on('request', (request) => {
    if (new URL(request.url()).pathname === '/outbox') sent += 1;
  });
  await page.evaluate(() => {
    const button = document.querySelector('.save button');
    button.click();
    button.click();
  });
  await page.waitForURL('**/week?done=*');
  assert.equal(sent, 1);
  assert.equal(await count(), before + 1);
  await page.goto(`${base}/children/${id}/records/new?kind=talk&back=/week`);
  assert.equal(await page.inputValue('#note'), '');
  assert.ok(!(await page.isVisible('.refer')), 'what belongs to another choice stands open');
  await page.click('label:has-text("请心理老师看看")');
  assert.ok(await page.isVisible('#refer_why'));
  await page.context().close();
});

test('what is filled into a file stands in the text of the printed PDF', async () => {
  const page = await open('banzhuren');
  const id = await childId(page, '欧阳子轩');
  await page.goto(`${base}/children/${id}`);
  await page.click('main a:has-text("档案")');
  await page.click('summary:has-text("还没写过的")');
  await page.click('a:has-text("进步的一笔")');
  await page.fill('#text', `会自己洗衣服了，名字里有𬭼。${'今天又学会一样。'.repeat(220)}`);
  await page.click('.save button');
  await page.waitForURL('**said=saved*');
  await page.click('main a:has-text("打印这张")');
  const asked = await page.evaluate(() => new URLSearchParams(new FormData(document.querySelector('form[action="/print"]'))).toString());
  const made = await page.request.post(`${base}/print`, { data: asked, headers: { 'content-type': 'application/x-www-form-urlencoded' } });
  assert.equal(made.headers()['content-type'], 'application/pdf');
  const file = join(scratch(), 'one.pdf');
  writeFileSync(file, await made.body());
  const text = execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' });
  for (const word of ['欧阳子轩', '会自己洗衣服了', '𬭼', '进步档案']) assert.ok(text.includes(word), `${word} is not in the PDF`);
  const overleaf = execFileSync('pdftotext', ['-f', '2', '-l', '2', '-layout', file, '-'], { encoding: 'utf8' });
  for (const word of ['欧阳子轩', '进步档案']) assert.ok(overleaf.includes(word), `the second page does not say ${word}`);
  await page.context().close();
});

test('what stands beside 本周 on a desk stands one below the other', async () => {
  const page = await open('banzhuren', { viewport: { width: 1280, height: 800 } });
  await page.goto(`${base}/week`);
  const lefts = await page.evaluate(() => [...document.querySelectorAll('.col-side h2')].map((head) => Math.round(head.getBoundingClientRect().left)));
  assert.ok(lefts.length > 1 && new Set(lefts).size === 1, `${lefts}`);
  await page.context().close();
});

test('a form lies blank beside the choices of the print centre, and the paper is what is printed', async () => {
  const page = await open('banzhuren', { viewport: { width: 1280, height: 800 } });
  await page.goto(`${base}/print`);
  assert.ok(!(await page.isVisible('.preview .form-sheet')));
  await page.selectOption('#form', 'registration');
  await page.waitForSelector('.preview .form-sheet');
  assert.ok((await page.innerText('.preview')).includes('基本情况登记表'));
  assert.ok(!(await page.innerText('.preview')).includes('王梓涵'), 'a child stands in a blank form');
  await page.emulateMedia({ media: 'print' });
  assert.ok(await page.isVisible('.preview .form-sheet'));
  assert.ok(!(await page.isVisible('button:has-text("做好这一份")')));
  await page.emulateMedia({ media: 'screen' });
  await page.setViewportSize({ width: 360, height: 740 });
  assert.ok(!(await page.isVisible('.preview .form-sheet')));
  await page.context().close();
});

for (const [how, javaScriptEnabled] of [['with', true], ['without', false]]) {
  test(`an address names its county by the code table, ${how} JavaScript`, async () => {
    const page = await open('banzhuren', { javaScriptEnabled });
    const id = await childId(page, '周天佑');
    await page.goto(`${base}/children/${id}/dossier/entrustment_notice`);
    const region = '#carer_address_region';
    await page.fill('#from_on', '2025-09-01');
    await page.fill('#carer', '李桂兰');
    await page.fill(region, '鼓楼区');
    await page.fill('#carer_address_rest', '马营镇3社');
    await page.click('.save button');
    assert.ok((await page.innerText('.errors')).includes('写上省和市'));
    await page.fill(region, '甘肃通渭');
    if (javaScriptEnabled) await page.waitForSelector('datalist option[value="甘肃省定西市通渭县"]', { state: 'attached' });
    await page.click('.save button');
    await page.waitForURL('**said=saved*');
    assert.equal(await page.inputValue(region), '甘肃省定西市通渭县');
    assert.equal(await page.inputValue('#carer_address_rest'), '马营镇3社');
    assert.ok((await page.innerText('main')).includes('行政区划代码621121'));
    await page.context().close();
  });
}

test('every link that a role is shown leads somewhere', async () => {
  for (const [username] of PLACES) {
    const page = await open(username);
    const faults = [];
    page.on('pageerror', (error) => faults.push(error.message));
    const seen = new Set();
    const queue = ['/'];
    while (queue.length && seen.size < 70) {
      const path = queue.shift();
      // One child, one class, one entry stands for all of its kind.
      const kind = path.replace(/[0-9a-f-]{36}/g, 'ID').replace(/=[^&]*/g, '=');
      if (seen.has(kind)) continue;
      seen.add(kind);
      const answer = await page.goto(base + path);
      if (answer.status() !== 200) faults.push(`${answer.status()} ${path}`);
      const links = await page.evaluate(() => [...document.querySelectorAll('a[href^="/"]')].map((link) => link.getAttribute('href').split('#')[0]));
      queue.push(...links.filter((link) => link && !link.endsWith('.xlsx') && !link.includes('/files/')));
    }
    assert.deepEqual(faults, [], username);
    assert.ok(seen.size > 3, `${username} sees ${seen.size} pages`);
    await page.context().close();
  }
});

test('the first visit of 本周 is light and comes from one place', async () => {
  const page = await open('banzhuren');
  const client = await page.context().newCDPSession(page);
  await client.send('Network.enable');
  await client.send('Network.setCacheDisabled', { cacheDisabled: true });
  let bytes = 0; let requests = 0;
  client.on('Network.loadingFinished', (one) => { bytes += one.encodedDataLength; requests += 1; });
  page.on('request', (one) => assert.ok(one.url().startsWith(base), one.url()));
  await page.goto(`${base}/week`, { waitUntil: 'networkidle' });
  assert.ok(bytes <= 60 * 1024 && requests <= 8, `${bytes} bytes, ${requests} requests`);
  await page.context().close();
});

test('printed cards stand four to a page, none split', async () => {
  const page = await open('banzhuren');
  await page.goto(`${base}/print/cards`);
  const [sheet] = await Promise.all([page.context().waitForEvent('page'), page.click('.save button')]);
  await sheet.waitForSelector('.card-small');
  const pdf = (await sheet.pdf({ preferCSSPageSize: true })).toString('latin1');
  assert.equal(pdf.match(/\/Type\s*\/Page[^s]/g).length, 3);
  await page.context().close();
});

// Twenty times: write, and the power goes. What was acknowledged is there afterwards, once.
test('20 kills lose no acknowledged record', async () => {
  const data = join(scratch(), 'kills');
  await run(['demo', '--init-only', '--data', data, '--password', PASSWORD]).started;
  const serve = ['serve', '--data', data, '--key-file', join(data, 'demo.key'), '--listen', '127.0.0.1:0'];
  const kept = new Set();
  let cookie = ''; let child; let id = '';
  const start = async () => {
    const running = run(serve);
    running.started.catch(() => {});
    const address = await running.started;
    return [running.child, address];
  };
  const post = (address, path, body, headers = {}) => fetch(address + path, { method: 'POST', headers: { 'content-type': 'application/json', cookie, ...headers }, body: JSON.stringify(body) });
  for (let round = 0; round < 20; round += 1) {
    let address; [child, address] = await start();
    if (!cookie) {
      const entered = await post(address, '/api/v1/login', { username: 'banzhuren', password: PASSWORD });
      cookie = entered.headers.get('set-cookie').split(';')[0];
      const found = await fetch(`${address}/api/v1/children?q=zxm`, { headers: { cookie } });
      id = (await found.json()).items[0].id;
    }
    let writing = true;
    const writers = [1, 2, 3].map(async () => {
      while (writing) {
        const answer = await post(address, '/api/v1/records', { kind: 'talk', child_ids: [id], fields: { topic: ['study'] } }, { 'idempotency-key': crypto.randomUUID() }).catch(() => null);
        if (answer?.status === 201) kept.add(await answer.json().then((one) => one.id).catch(() => null));
        else return;
      }
    });
    await new Promise((done) => setTimeout(done, 60 + round * 13));
    child.kill('SIGKILL');
    writing = false;
    await Promise.all(writers);
  }
  kept.delete(null);
  const [last, address] = await start();
  const found = new Map();
  for (let cursor = ''; cursor !== null;) {
    const answer = await fetch(`${address}/api/v1/children/${id}/timeline?limit=500&cursor=${cursor}`, { headers: { cookie } });
    const page = await answer.json();
    page.items.forEach((one) => found.set(one.id, (found.get(one.id) ?? 0) + 1));
    cursor = page.next;
  }
  last.kill();
  await new Promise((done) => last.on('exit', done));
  assert.ok(kept.size > 20, `only ${kept.size} were acknowledged`);
  for (const one of kept) assert.equal(found.get(one), 1, `${one} is lost`);
  await run(['verify', '--data', data, '--key-file', join(data, 'demo.key')]).started;
  console.log(`  ${kept.size} acknowledged, all there; verify clean`);
});

// A word on the command line runs the tests whose names hold it.
const wanted = tests.filter(([name]) => name.includes(process.argv[2] ?? ''));
let failed = 0;
for (const [name, body] of wanted) {
  try {
    await body();
    console.log(`ok   ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL ${name}\n${error.stack}`);
  }
}
await browser.close();
child.kill();
console.log(`${wanted.length - failed} passed, ${failed} failed`);
process.exit(failed || wanted.length === 0 ? 1 : 0);
