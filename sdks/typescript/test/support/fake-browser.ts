import { IDBFactory } from 'fake-indexeddb';
import 'fake-indexeddb/auto';
import { settle } from './fake-clock.js';
import { FakeLocks } from './fake-locks.js';

/** The globals of a browser that the SDK uses. Each test opens a browser of its own. */
export class FakeBrowser {
  readonly locks = new FakeLocks();
  readonly #window = new EventTarget();
  readonly #document = Object.assign(new EventTarget(), { visibilityState: 'visible' });
  readonly navigator: { onLine: boolean; locks?: FakeLocks } = { onLine: true, locks: this.locks };

  constructor() {
    const globals = {
      navigator: this.navigator,
      document: this.#document,
      indexedDB: new IDBFactory(),
      addEventListener: this.#window.addEventListener.bind(this.#window),
    };
    for (const [name, value] of Object.entries(globals))
      Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }

  /** Ends all pages as a crash does: the browser frees their locks, and what they stored stays. */
  crash(): void {
    this.locks.freeAll();
  }

  /** Hides the page, as another tab in front of it does. */
  hide(): void {
    this.#document.visibilityState = 'hidden';
    this.#document.dispatchEvent(new Event('visibilitychange'));
  }

  /** Tells of the page's life. */
  dispatch(type: 'pagehide' | 'pageshow' | 'online', persisted = false): void {
    this.#window.dispatchEvent(Object.assign(new Event(type), { persisted }));
  }

  /** The ids of the events in a store. */
  async stored(name = 'segops'): Promise<string[]> {
    const databases = await indexedDB.databases();
    if (!databases.some((database) => database.name === name)) return [];
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const opening = indexedDB.open(name);
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = () => reject(opening.error);
    });
    const records = await new Promise<{ id: string }[]>((resolve, reject) => {
      const reading = database.transaction('events').objectStore('events').getAll();
      reading.onsuccess = () => resolve(reading.result);
      reading.onerror = () => reject(reading.error);
    });
    database.close();
    return records.map(({ id }) => id);
  }
}

/** Waits until a condition holds. The test runner's limit ends a wait in vain. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await settle();
}
