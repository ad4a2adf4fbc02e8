// Starts the program with the cast on a fixed day, and signs people in.
import { spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const PASSWORD = 'Kuai-Le-2025';
const program = resolve(process.env.NUANCHAO ?? 'target/debug/nuanchao');
const folders = [];
// The program may be writing its last words: what cannot be removed now lies in the temporary folder.
process.on('exit', () => folders.forEach((folder) => {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  } catch { /* no test has failed by it */ }
}));

export function scratch() {
  const folder = mkdtempSync(join(tmpdir(), 'nuanchao-browser-'));
  folders.push(folder);
  return folder;
}

// Runs the program until it says its address, or until it ends.
export function run(args) {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const started = new Promise((done, fail) => {
    let said = '';
    child.stdout.on('data', (text) => {
      said += text;
      const address = said.match(/http:\/\/[\d.:]+/);
      if (address) done(address[0]);
    });
    child.on('exit', (code) => (code === 0 ? done('') : fail(new Error(`the program ended with ${code}`))));
  });
  return { child, started };
}

export async function demo(today = '2025-09-30') {
  const data = join(scratch(), 'demo');
  const { child, started } = run(['demo', '--listen', '127.0.0.1:0', '--data', data, '--password', PASSWORD, '--today', today]);
  return { child, base: await started };
}

// A wire to the program that can be cut: the browser's own switch does not reach every worker.
export async function wire(to) {
  const { hostname, port } = new URL(to);
  const open = new Set();
  let isCut = false;
  const server = createServer((socket) => {
    if (isCut) return socket.destroy();
    const beyond = connect(port, hostname);
    for (const [one, other] of [[socket, beyond], [beyond, socket]]) {
      open.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => open.delete(one) && other.destroy());
      one.pipe(other);
    }
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return {
    base: `http://127.0.0.1:${server.address().port}`,
    cut: () => {
      isCut = true;
      for (const socket of open) socket.destroy();
    },
    mend: () => { isCut = false; },
    close: () => server.close(),
  };
}

export async function signIn(page, base, username) {
  await page.goto(`${base}/login`);
  await page.fill('#username', username);
  await page.fill('#password', PASSWORD);
  await page.click('button.primary');
  await page.waitForURL((url) => !url.pathname.startsWith('/login'));
}
