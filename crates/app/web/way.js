// Opens the pages of 带上路 where there is no network. Everything else it leaves to the browser.
import { keptAsset, keptPage, lastWay } from './islands/kept.js';

const PATIENCE_MS = 4000;

async function answer(request) {
  const url = new URL(request.url);
  const kept = await (request.mode === 'navigate' ? keptPage(url) : keptAsset(url)).catch(() => null);
  // What was not taken along is waited for as long as it takes: only no network at all leads to the way.
  if (!kept) return fetch(request).catch(async (failure) => (request.mode === 'navigate' && (await lastWay())) || Promise.reject(failure));
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE_MS);
  try {
    return await fetch(request, { signal: stop.signal });
  } catch {
    return kept;
  } finally {
    clearTimeout(timer);
  }
}

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
self.addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  const ours = request.method === 'GET' && url.origin === self.location.origin;
  if (ours && (request.mode === 'navigate' || url.pathname.startsWith('/assets/'))) event.respondWith(answer(request));
});
