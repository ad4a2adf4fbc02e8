// A link with tel: must keep its own behaviour, or the phone does not dial.
const ASKED = 'call-asked';

const stripBeside = (link) =>
  (link.closest('.call, .row') || link.parentElement).querySelector('.call-result') ||
  link.parentElement.parentElement?.querySelector('.call-result');

function show(strip) {
  strip.hidden = false;
  if (strip.id) sessionStorage.setItem(ASKED, location.pathname + '#' + strip.id);
}

// On a phone the question comes when the number is tapped; at a desk one dials on another telephone.
function holdBack(page) {
  if (window.matchMedia('(min-width: 1024px)').matches) return;
  page.querySelectorAll('.call-result').forEach((strip) => {
    strip.hidden = true;
  });
}

// A phone may throw the page away during the call and load it anew afterwards.
function showAgain(page) {
  const [path, id] = (sessionStorage.getItem(ASKED) || '').split('#');
  const strip = path === location.pathname && page.getElementById(id);
  if (strip) strip.hidden = false;
}

export function watchCalls(page) {
  holdBack(page);
  showAgain(page);
  page.addEventListener('click', (event) => {
    const link = event.target.closest?.('a[href^="tel:"]');
    if (!link) return;
    const strip = stripBeside(link);
    if (strip) show(strip);
    if (link.dataset.beacon) navigator.sendBeacon(link.dataset.beacon);
  });
  page.addEventListener('submit', (event) => {
    if (event.target.closest('.call-result')) sessionStorage.removeItem(ASKED);
  });
}
