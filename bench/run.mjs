// Measures 暖巢 beside its floor, in turn, within one run, and prints the table.
//
//   node bench/run.mjs [--children 10000] [--records 500000] [--seconds 2] [--rounds 3] [--grow 1] [--dist 1]
//
// --dist 1: the program as it is packed for schools, and not as a newcomer builds it.
import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, '..');
const target = resolve(root, process.env.CARGO_TARGET_DIR ?? 'target');
const option = (name, usual) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? usual : Number(process.argv[at + 1]);
};
const children = option('children', 10000);
const records = option('records', 500000);
const seconds = option('seconds', 2);
const rounds = option('rounds', 3);
const PASSWORD = 'bench-Password-1';
const CONNECTIONS = [1, 8, 32];

const say = (line) => process.stdout.write(`${line}\n`);
const quiet = { stdio: ['ignore', 'ignore', 'inherit'] };

function need(command) {
  try {
    execFileSync('sh', ['-c', `command -v ${command}`], { stdio: 'ignore' });
  } catch {
    throw new Error(`缺少${command}。请安装：sudo apt-get install ${command}`);
  }
}

const profile = option('dist', 0) ? 'dist' : 'release';

function build() {
  execFileSync('cargo', ['build', '--profile', profile, '--quiet'], { cwd: root, ...quiet });
  execFileSync('cargo', ['build', '--release', '--quiet', '--manifest-path', join(here, 'Cargo.toml'), '--target-dir', join(target, 'bench')], { cwd: root, ...quiet });
}

const program = join(target, profile, 'nuanchao');

// The data are made once for each size, and copied for each run: writing must not make them grow.
function data(childrenWanted, recordsWanted) {
  const kept = join(target, 'bench-data', `${childrenWanted}-${recordsWanted}`);
  if (!existsSync(join(kept, 'nuanchao.db'))) {
    mkdirSync(dirname(kept), { recursive: true });
    rmSync(kept, { recursive: true, force: true });
    execFileSync(program, ['bench-data', '--children', String(childrenWanted), '--records', String(recordsWanted), '--data', kept, '--password', PASSWORD], quiet);
  }
  const folder = join(tmpdir(), `nuanchao-bench-${process.pid}-${childrenWanted}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const name of ['nuanchao.db', 'nuanchao.db-wal']) {
    if (existsSync(join(kept, name))) copyFileSync(join(kept, name), join(folder, name));
  }
  return { folder, key: `${kept}.key` };
}

async function start(command, args) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const address = await new Promise((done, fail) => {
    let said = '';
    child.stdout.on('data', (text) => {
      said += text;
      const found = said.match(/http:\/\/[\d.:]+/);
      if (found) done(found[0]);
    });
    child.on('exit', (code) => fail(new Error(`${command} ended with ${code}`)));
  });
  return { child, address, pid: child.pid };
}

// Milliseconds of CPU so far; the kernel counts in hundredths of a second.
const cpu = (pid) => {
  const parts = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(parts[11]) + Number(parts[12])) * 10;
};
const peak = (pid) => Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmHWM:\s+(\d+)/)[1]) / 1024;

const LUA = `
local ids = {IDS}
local n, thread = 0, 0
function setup(t) thread = thread + 1; t:set('who', thread) end
function init() math.randomseed(os.time() * 100 + who) ; salt = math.random(0, 0xffffff) end
request = function()
  n = n + 1
  local id = ids[math.random(#ids)]
  METHOD
end
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format('RESULT %d %d %d %d %d\\n', summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), e.connect + e.read + e.write + e.status + e.timeout))
end`;


function lua(name, ids, method) {
  const file = join(tmpdir(), `nuanchao-bench-${process.pid}-${name}.lua`);
  writeFileSync(file, LUA.replace('IDS', ids.map((id) => `'${id}'`).join(',')).replace('METHOD', method));
  return file;
}

function load(server, script, connections) {
  const before = cpu(server.pid);
  const said = execFileSync('wrk', ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', '-s', script, server.address], { encoding: 'utf8' });
  const spent = cpu(server.pid) - before;
  const [, requests, duration, p50, p99, errors] = said.match(/RESULT (\d+) (\d+) (\d+) (\d+) (\d+)/).map(Number);
  if (errors > 0) throw new Error(`${errors} of ${requests} requests failed: ${script}`);
  return { rate: requests / (duration / 1e6), p50: p50 / 1000, p99: p99 / 1000, cpu: spent / requests };
}

const median = (list) => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)];
const middle = (runs) => Object.fromEntries(['rate', 'p50', 'p99', 'cpu'].map((key) => [key, median(runs.map((run) => run[key]))]));

async function signIn(address, username) {
  const answer = await fetch(`${address}/api/v1/login`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ username, password: PASSWORD }) });
  if (!answer.ok) throw new Error(`${username} cannot sign in: ${answer.status}`);
  return answer.headers.get('set-cookie').split(';')[0];
}

// A roster of so many lines, all good, as a school system would export it.
function roster(lines) {
  const rows = ['姓名,性别,班级,出生日期,现住址,父亲姓名,父亲电话,母亲姓名,母亲电话,是否留守儿童'];
  // As old as children of their grades are.
  const today = new Date();
  const year = today.getFullYear() - (today.getMonth() < 8 ? 1 : 0);
  for (let n = 0; n < lines; n += 1) {
    const name = ['张', '李', '王', '刘', '陈'][n % 5] + String.fromCodePoint(0x4e00 + (n % 3000)) + String.fromCodePoint(0x5000 + Math.floor(n / 5) % 3000);
    const day = String(1 + (n % 28)).padStart(2, '0');
    rows.push(`${name},${n % 2 ? '男' : '女'},${['一', '二', '三', '四', '五', '六'][n % 6]}（${1 + (Math.floor(n / 6) % 40)}）班,${year - 7 - (n % 6)}-0${1 + (n % 8)}-${day},石门乡${n}号,张大,160${String(n).padStart(8, '0')},李二,161${String(n).padStart(8, '0')},2`);
  }
  return rows.join('\n');
}

async function importing(lines) {
  const { folder, key } = data(40, 40);
  const app = await start(program, ['serve', '--data', folder, '--key-file', key, '--listen', '127.0.0.1:0']);
  const cookie = await signIn(app.address, 'dangan');
  const form = new FormData();
  form.append('file', new Blob([roster(lines)]), 'roster.csv');
  const before = performance.now();
  const brought = await fetch(`${app.address}/api/v1/imports/roster`, { method: 'POST', body: form, headers: { cookie } });
  const seen = await brought.json();
  const read = performance.now();
  const done = await fetch(`${app.address}/api/v1/imports/${seen.id}/commit`, { method: 'POST', headers: { cookie, 'idempotency-key': crypto.randomUUID() } });
  await done.json();
  const after = performance.now();
  say(`Import of ${lines} rows (CSV): ${((read - before) / 1000).toFixed(2)} s to the preview (${seen.counts?.ready} ready), ${((after - read) / 1000).toFixed(2)} s to go in; peak memory ${peak(app.pid).toFixed(0)} MB.`);
  app.child.kill();
  rmSync(folder, { recursive: true, force: true });
}

// 本周 of one teacher with 40 children, in schools of growing size.
async function growth() {
  const points = [];
  for (const size of [1000, 10000, 100000]) {
    const { folder, key } = data(size, size * 10);
    const app = await start(program, ['serve', '--data', folder, '--key-file', key, '--listen', '127.0.0.1:0']);
    const cookie = await signIn(app.address, 'banzhuren0');
    const script = lua('grow', ['x'], `return wrk.format('GET', '/week', {['Cookie'] = '${cookie}'})`);
    load(app, script, 1);
    const runs = Array.from({ length: rounds }, () => load(app, script, 1));
    points.push([size, middle(runs).p50]);
    say(`本周 at ${size} children: p50 ${middle(runs).p50.toFixed(2)} ms`);
    app.child.kill();
    rmSync(folder, { recursive: true, force: true });
  }
  const [[a, x], , [b, y]] = points;
  say(`Fitted exponent: ${(Math.log(y / x) / Math.log(b / a)).toFixed(3)}`);
}

async function main() {
  need('wrk');
  need('sqlite3');
  build();
  const { folder, key } = data(children, records);
  const app = await start(program, ['serve', '--data', folder, '--key-file', key, '--listen', '127.0.0.1:0']);
  const cookie = await signIn(app.address, 'banzhuren0');
  const principal = await signIn(app.address, 'xiaozhang');
  const page = await fetch(`${app.address}/api/v1/children?limit=50`, { headers: { cookie } });
  const ids = (await page.json()).items.map((one) => one.id);
  const floorFile = join(folder, 'floor.db');
  execFileSync('sqlite3', [join(folder, 'nuanchao.db'), `vacuum into '${floorFile}'`], quiet);
  const floor = await start(join(target, 'bench', 'release', 'floor'), [floorFile]);
  const get = (path, who) => (path.includes('ID') ? `return wrk.format('GET', (string.gsub('${path}', 'ID', id)), {['Cookie'] = '${who}'})` : `return wrk.format('GET', '${path}', {['Cookie'] = '${who}'})`);
  const post = `
  local op = string.format('01900000-%04x-7%03x-8%03x-%06x%06x', math.floor(n / 65536) % 65536, n % 4096, who, salt, n % 16777216)
  return wrk.format('POST', '/children/' .. id .. '/records', {['Cookie'] = '${cookie}', ['Content-Type'] = 'application/x-www-form-urlencoded'}, 'operation=' .. op .. '&kind=talk&topic=study&back=/week')`;
  const cases = [
    ['list of 50, JSON', lua('a1', ids, get('/api/v1/children?limit=50', principal)), lua('b1', ids, get('/list', ''))],
    ["child's page, 20 entries", lua('a2', ids, get('/children/ID', cookie)), lua('b2', ids, get('/child/ID', ''))],
    ['本周, 40 children', lua('a3', ids, get('/week', cookie)), lua('b3', ids, get('/week/ID', ''))],
    ['writing a record', lua('a4', ids, post), lua('b4', ids, "return wrk.format('POST', '/record/' .. id)")],
  ];
  say(`${children} children, ${records} records, SQLite, profile ${profile}; ${cpus().length} cores; load ${loadavg()[0].toFixed(1)} at the start; ${rounds} rounds of ${seconds} s, medians.`);
  say('');
  say('| work | connections | requests/s | p50 ms | p99 ms | CPU ms | floor requests/s | floor p50 | floor p99 | floor CPU | ratio |');
  say('|---|---|---|---|---|---|---|---|---|---|---|');
  for (const [name, ours, theirs] of cases) {
    for (const connections of CONNECTIONS) {
      const runs = { a: [], b: [] };
      for (let round = 0; round < rounds; round += 1) {
        runs.a.push(load(app, ours, connections));
        runs.b.push(load(floor, theirs, connections));
      }
      const [a, b] = [middle(runs.a), middle(runs.b)];
      const ratio = median(runs.a.map((run, at) => run.rate / runs.b[at].rate));
      const cells = (one) => [one.rate.toFixed(0), one.p50.toFixed(2), one.p99.toFixed(2), one.cpu.toFixed(3)].join(' | ');
      say(`| ${name} | ${connections} | ${cells(a)} | ${cells(b)} | ${ratio.toFixed(2)} |`);
    }
  }
  say('');
  say(`Peak memory: ${peak(app.pid).toFixed(0)} MB; the floor ${peak(floor.pid).toFixed(0)} MB.`);
  app.child.kill();
  floor.child.kill();
  rmSync(folder, { recursive: true, force: true });
}

await main();
await importing(10000);
if (option('grow', 0)) await growth();
