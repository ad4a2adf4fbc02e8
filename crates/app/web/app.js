import htmx from 'htmx.org';
import { watchCalls } from './islands/calls.js';
import { watchDrafts } from './islands/draft.js';
import { watchForms, welcomeErrors } from './islands/forms.js';
import { watchKeys } from './islands/keys.js';
import { watchOutbox } from './islands/outbox.js';
import { watchRegions } from './islands/regions.js';
import { watchWay } from './islands/way.js';

Object.assign(htmx.config, {
  allowEval: false,
  allowScriptTags: false,
  historyCacheSize: 0,
  includeIndicatorStyles: false,
  refreshOnHistoryMiss: true,
  selfRequestsOnly: true,
  timeout: 20000,
  responseHandling: [
    { code: '204', swap: false },
    { code: '[23]..', swap: true },
    { code: '422', swap: true },
    { code: '...', swap: false, error: true },
  ],
});

const UNDO_STAYS_MS = 10000;

function hideUndoLater(bar) {
  if (bar.dataset.timed) return;
  bar.dataset.timed = 'yes';
  const hide = () => {
    if (bar.matches(':hover') || bar.contains(document.activeElement)) setTimeout(hide, 1000);
    else bar.hidden = true;
  };
  setTimeout(hide, UNDO_STAYS_MS);
}

function welcome(root) {
  welcomeErrors(root);
  root.querySelectorAll('.undo').forEach(hideUndoLater);
  if (root.matches?.('.undo')) hideUndoLater(root);
}

// Without script each name is ticked by itself.
function watchAll(page) {
  page.querySelectorAll('[data-all]').forEach((button) => {
    button.hidden = false;
    button.addEventListener('click', () => {
      const boxes = [...button.form.querySelectorAll(`[name="${button.dataset.all}"]`)];
      const all = boxes.some((box) => !box.checked);
      boxes.forEach((box) => { box.checked = all; });
    });
  });
}

// Without script the browser's own menu prints; the button would do nothing.
function watchPrint(page) {
  page.querySelectorAll('[data-print]').forEach((button) => {
    button.hidden = false;
    button.addEventListener('click', () => window.print());
  });
}

function start() {
  watchForms(document);
  watchKeys(document);
  watchCalls(document);
  watchDrafts(document);
  watchOutbox(document);
  watchRegions();
  watchWay(document);
  watchPrint(document);
  watchAll(document);
  welcome(document);
  document.addEventListener('page:again', () => {
    welcome(document);
    window.scrollTo(0, 0);
  });
  document.addEventListener('htmx:load', (event) => {
    if (event.target !== document.body) welcome(event.target);
  });
}

if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', start);
else start();
