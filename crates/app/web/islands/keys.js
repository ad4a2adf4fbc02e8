import { mainButton } from './forms.js';

const PLACES = { w: '/week', c: '/children', f: '/calls', p: '/plans', o: '/office' };
const SECOND_KEY_WITHIN_MS = 1500;
let goUntil = 0;

const visible = (element) => element.getClientRects().length > 0;
const firstVisible = (selector) => [...document.querySelectorAll(selector)].find(visible);
const isTyping = (element) => element.matches?.('input, textarea, select, [contenteditable]');

function step(list, by) {
  const here = list.indexOf(document.activeElement);
  const next = list[here < 0 ? (by > 0 ? 0 : list.length - 1) : here + by];
  if (next) next.focus();
  return Boolean(next);
}

// A row is a link, or folds several children up.
const ROWS = '.rows a.row-title, .rows summary';
const stepRow = (by) => step([...document.querySelectorAll(ROWS)].filter(visible), by);

function goTo(path) {
  const link = path && document.querySelector(`.rail a[href="${path}"], .tabbar a[href="${path}"]`);
  if (link) location.assign(link.href);
  return Boolean(link);
}

function takeNote() {
  if (!document.querySelector('.rail, .tabbar')) return false;
  location.assign('/note');
  return true;
}

function press(key) {
  const control = firstVisible(`[data-key="${CSS.escape(key)}"]`);
  if (control) control.click();
  return Boolean(control);
}

function openSheet() {
  const sheet = document.getElementById('keys');
  if (!sheet || !sheet.showModal) return false;
  sheet.showModal();
  return true;
}

function focusSearch() {
  // The page's own box finds while one types; the one in the rail opens it.
  const box = firstVisible('main input[type=search]') || firstVisible('input[type=search]');
  if (box) box.focus();
  return Boolean(box);
}

// The link 改 of the row that the cursor is in, or of the first.
function editRow() {
  const row = document.activeElement.closest?.('.row');
  const link = (row || document).querySelector('a[href$="/edit"], a[href*="/edit?"]');
  if (link) link.click();
  return Boolean(link);
}

function single(key) {
  if (performance.now() < goUntil) {
    goUntil = 0;
    return goTo(PLACES[key]);
  }
  switch (key) {
    case '/': return focusSearch();
    case 'n': return takeNote();
    case 'j': return stepRow(1);
    case 'k': return stepRow(-1);
    case 'e': return editRow();
    case '?': return openSheet();
    case 'g':
      goUntil = performance.now() + SECOND_KEY_WITHIN_MS;
      return true;
    default: return press(key);
  }
}

function inSearch(event) {
  const box = event.target.closest?.('.search');
  if (!box) return false;
  if (event.key === 'Escape') {
    box.querySelector('input').value = '';
    box.querySelector('#hits, .hits')?.replaceChildren();
    event.target.blur();
    return true;
  }
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  return Boolean(by) && step([box.querySelector('input'), ...box.querySelectorAll('.hits a, #hits a')], by);
}

// In a table the arrows go from cell to cell, as in a sheet; Enter opens the link that a cell holds.
function inGrid(event) {
  const by = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[event.key];
  const cell = by && event.target.closest?.('[data-grid] th, [data-grid] td');
  if (!cell) return false;
  const rows = [...cell.closest('table').rows];
  const next = rows[rows.indexOf(cell.parentElement) + by[0]]?.cells[cell.cellIndex + by[1]];
  if (!next) return false;
  const target = next.querySelector('a') || next;
  if (target === next) next.tabIndex = -1;
  target.focus();
  return true;
}

function saveForm(event) {
  const form = event.target.closest?.('form');
  const button = form && mainButton(form);
  if (button) button.click();
  return Boolean(button);
}

function handled(event) {
  if ((event.ctrlKey || event.metaKey) && event.key === 'Enter') return saveForm(event);
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  if (inSearch(event) || inGrid(event)) return true;
  if (event.key.length > 1 || isTyping(event.target)) return false;
  if (document.body.dataset.keys === 'off' || document.querySelector('dialog[open]')) return false;
  return single(event.key);
}

export function watchKeys(page) {
  page.querySelectorAll('[data-help]').forEach((button) => {
    button.hidden = false;
    button.addEventListener('click', openSheet);
  });
  page.addEventListener('keydown', (event) => {
    // 229 is what browsers send while an input method composes, also when isComposing is already false.
    if (event.defaultPrevented || event.isComposing || event.keyCode === 229) return;
    if (handled(event)) event.preventDefault();
  });
}
