// The browser's database: keys that are never handed out, sealed records that wait, pages for the way.
const NAME = 'nuanchao';
const VERSION = 2;
const STORES = ['keys', 'outbox', 'way'];

const request = (from) =>
  new Promise((resolve, reject) => {
    from.onsuccess = () => resolve(from.result);
    from.onerror = () => reject(from.error);
  });

async function open() {
  const opening = indexedDB.open(NAME, VERSION);
  opening.onupgradeneeded = () => {
    const { objectStoreNames } = opening.result;
    STORES.filter((store) => !objectStoreNames.contains(store)).forEach((store) => opening.result.createObjectStore(store));
  };
  const base = await request(opening);
  base.onversionchange = () => base.close();
  return base;
}

// What was put is on the disk when this comes back.
async function inside(store, mode, work) {
  const base = await open();
  try {
    const action = base.transaction(store, mode, mode === 'readwrite' ? { durability: 'strict' } : undefined);
    const done = new Promise((resolve, reject) => {
      action.oncomplete = resolve;
      action.onabort = () => reject(action.error);
    });
    const result = await request(work(action.objectStore(store)));
    await done;
    return result;
  } finally {
    base.close();
  }
}

export const get = (store, name) => inside(store, 'readonly', (box) => box.get(name));
export const all = (store) => inside(store, 'readonly', (box) => box.getAll());
export const count = (store) => inside(store, 'readonly', (box) => box.count());
export const put = (store, name, value) => inside(store, 'readwrite', (box) => box.put(value, name));
export const remove = (store, name) => inside(store, 'readwrite', (box) => box.delete(name));
export const clear = (store) => inside(store, 'readwrite', (box) => box.clear());

// The next number of this person on this phone; a record that comes back to be mended keeps its own.
export async function number(name) {
  const base = await open();
  try {
    const action = base.transaction('keys', 'readwrite', { durability: 'strict' });
    const box = action.objectStore('keys');
    const known = (await request(box.get(name))) || { device: crypto.randomUUID(), seq: 0 };
    known.seq += 1;
    await request(box.put(known, name));
    return known;
  } finally {
    base.close();
  }
}
