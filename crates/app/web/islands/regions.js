// Names of counties beside what is typed. Without this the name is typed whole, and read all the same.
const MOST = 12;

let table;

function load(path) {
  table ||= fetch(path)
    .then((answer) => (answer.ok ? answer.text() : ''))
    .then((text) => text.split('\n').filter(Boolean))
    .catch(() => {
      table = undefined;
      return [];
    });
  return table;
}

const inOrder = (name, letters) => {
  let at = -1;
  return [...letters].every((letter) => {
    at = name.indexOf(letter, at + 1);
    return at >= 0;
  });
};

function offer(input, names) {
  const typed = input.value.trim();
  const found = typed ? names.filter((name) => inOrder(name, typed)) : [];
  found.sort((one, other) => other.includes(typed) - one.includes(typed) || one.length - other.length);
  input.list?.replaceChildren(...found.slice(0, MOST).map((name) => new Option(name, name)));
}

export function watchRegions() {
  const suggest = async ({ target }) => {
    if (!target.matches?.('input[data-regions]')) return;
    offer(target, await load(target.dataset.regions));
  };
  document.addEventListener('focusin', suggest);
  document.addEventListener('input', suggest);
}
