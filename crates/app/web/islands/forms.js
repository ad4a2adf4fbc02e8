const SENDING_AT_MOST_MS = 20000;

const submitters = (form) =>
  [...form.elements].filter((element) => element.matches('button:not([type=button]):not([type=reset]), input[type=submit]'));

export const mainButton = (form) => submitters(form).find((button) => button.matches('.primary')) || submitters(form)[0];

const staysOnPage = (form) =>
  form.method === 'get' || form.method === 'dialog' || form.target === '_blank' || form.hasAttribute('data-stay');

function release(button) {
  if (!button.dataset.label) return;
  button.textContent = button.dataset.label;
  delete button.dataset.label;
}

function releaseAll(root) {
  root.querySelectorAll('form[data-sending]').forEach((form) => {
    delete form.dataset.sending;
    submitters(form).forEach((button) => {
      button.disabled = false;
      release(button);
    });
  });
}

function hold(form, pressed) {
  submitters(form).forEach((button) => {
    button.disabled = true;
  });
  if (pressed && pressed.tagName === 'BUTTON') {
    const label = pressed.textContent;
    pressed.dataset.label = label;
    pressed.textContent = pressed.dataset.busy || (label.includes('保存') ? '保存中' : '稍等一下');
  }
}

const cameBack = () => performance.getEntriesByType('navigation')[0]?.type === 'back_forward';
let backByCache = false;

const instance = (form) => `sent:${location.pathname}${location.search} ${form.getAttribute('action')}`;

// Only a mark of the content is kept, never the content.
function mark(form) {
  const data = new FormData(form);
  data.delete('operation');
  let sum = 2166136261;
  for (const letter of new URLSearchParams(data).toString()) sum = Math.imul(sum ^ letter.codePointAt(0), 16777619) >>> 0;
  return sum;
}

// Going back shows a form that was sent. Sent again as it was, it is the same act and not a second one.
function knowAgain(form) {
  if (!form.matches?.('[data-once]') || form.dataset.sending) return;
  try {
    const name = instance(form);
    const [operation, sum] = (sessionStorage.getItem(name) || '').split(' ');
    if (operation && sum === String(mark(form)) && (backByCache || cameBack())) form.elements.operation.value = operation;
    sessionStorage.setItem(name, `${form.elements.operation.value} ${mark(form)}`);
  } catch {
    // Without a store a page that came back may be sent as a new act; its undo is beside it.
  }
}

// What opens beside the page is not opened twice by a double tap.
function holdBriefly(form) {
  form.dataset.sending = 'yes';
  setTimeout(() => delete form.dataset.sending, 1500);
}

function onSubmit(event) {
  const form = event.target;
  if (form.dataset.sending) {
    event.preventDefault();
    return;
  }
  if (staysOnPage(form)) {
    if (form.method === 'post' && form.target === '_blank') holdBriefly(form);
    return;
  }
  const pressed = event.submitter || mainButton(form);
  // At once, so that a second tap before the buttons are held sends nothing.
  form.dataset.sending = 'yes';
  // The pressed button's own name and value are read after this event: a disabled button would not be sent.
  setTimeout(() => {
    const byHtmx = form.closest('[hx-post], [hx-put], [hx-patch], [hx-delete], [hx-boost]');
    const byOutbox = form.matches('[data-outbox]');
    if (event.defaultPrevented && !byHtmx && !byOutbox) {
      delete form.dataset.sending;
      return;
    }
    hold(form, pressed);
    setTimeout(() => releaseAll(document), SENDING_AT_MOST_MS);
  });
}

// The browser scrolls to the target of a link but leaves the cursor where it was.
function focusField(event) {
  const link = event.target.closest?.('.errors a[href^="#"]');
  const target = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (!target) return;
  const control = target.matches('input, select, textarea, button, a') ? target : target.querySelector('input, select, textarea');
  if (!control) return;
  event.preventDefault();
  control.focus();
  (control.closest('.field') || control).scrollIntoView({ block: 'nearest' });
}

// htmx's own filter for this needs eval. Some browsers commit a word in an input event that still says it is composing.
function sayTyped(event) {
  if (event.type === 'input' && event.isComposing) return;
  event.target.dispatchEvent(new CustomEvent('typed', { bubbles: true }));
}

function sayNotSent(event) {
  releaseAll(document);
  const source = event.target.closest?.('form') || document.querySelector('main');
  if (!source || source.querySelector('.notice[data-net]')) return;
  const line = document.createElement('p');
  line.className = 'notice';
  line.dataset.net = 'off';
  line.setAttribute('role', 'status');
  line.textContent = '没送出去，写的内容还在这一页。网好了再点一次。';
  source.prepend(line);
}

export function welcomeErrors(root) {
  const summary = root.querySelector('.errors, .notice[role="alert"]') || (root.matches?.('.errors') && root);
  if (!summary) return;
  summary.tabIndex = -1;
  summary.focus();
}

// What belongs to one choice shows when it is chosen; without script it stands there all the time.
function showChosen(page) {
  page.querySelectorAll('[data-when]').forEach((part) => {
    const [name, value] = part.dataset.when.split('=');
    part.hidden = !part.closest('form').querySelector(`[name="${name}"][value="${value}"]:checked`);
  });
}

// Picked by mistake: a second tap leaves it open again. Without script, the choice 不填 does so once it is saved.
function letGoByTap(page) {
  let picked = null;
  page.addEventListener('pointerdown', (event) => {
    const box = event.target.closest?.('[data-free] label')?.querySelector('input[type=radio]');
    picked = box?.checked ? box : null;
  });
  // Chosen by a key, it was not tapped.
  page.addEventListener('keydown', () => { picked = null; });
  page.addEventListener('click', (event) => {
    if (!picked || event.target !== picked) return;
    picked.checked = false;
    picked.dispatchEvent(new Event('change', { bubbles: true }));
    picked = null;
  });
}

export function watchForms(page) {
  letGoByTap(page);
  showChosen(page);
  page.addEventListener('change', () => showChosen(page));
  page.addEventListener('page:again', () => showChosen(page));
  page.addEventListener('submit', (event) => knowAgain(event.target), { capture: true });
  page.addEventListener('submit', onSubmit);
  page.addEventListener('click', focusField);
  page.addEventListener('input', sayTyped);
  page.addEventListener('compositionend', sayTyped);
  page.addEventListener('htmx:afterRequest', () => releaseAll(page));
  page.addEventListener('outbox:unsent', () => releaseAll(page));
  page.addEventListener('htmx:sendError', sayNotSent);
  page.addEventListener('htmx:timeout', sayNotSent);
  page.addEventListener('htmx:beforeRequest', () => page.querySelectorAll('[data-net]').forEach((line) => line.remove()));
  window.addEventListener('pageshow', (event) => {
    backByCache = event.persisted;
    releaseAll(page);
  });
}
