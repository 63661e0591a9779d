import type { EventStore, StoredEvent } from '../core/platform.js';
import { openDatabase, result, transaction } from './indexed-db.js';
import type { TabLocks } from './tab-locks.js';

/** An event with the page that sends it. */
interface EventRecord extends StoredEvent {
  owner: string;
}

/** Keeps events in IndexedDB. Each page owns the events that it tracked, and those of ended pages that it took over. */
export class EventDatabase implements EventStore {
  readonly #name: string;
  readonly #locks: TabLocks;
  readonly #onFailure: (message: string) => void;
  readonly #kept = new Set<string>();
  readonly #saves = new Map<string, EventRecord>();
  readonly #removals = new Set<string>();
  #ready: Promise<void> | undefined;
  #database: Promise<IDBDatabase> | undefined;
  #writing: Promise<void> | undefined;
  #failing = false;
  #saved = 0;

  /** @param onFailure Is called once when storing begins to fail, and again after it has worked in between. */
  constructor(name: string, locks: TabLocks, onFailure: (message: string) => void) {
    this.#name = name;
    this.#locks = locks;
    this.#onFailure = onFailure;
  }

  async adopt(): Promise<StoredEvent[]> {
    try {
      await this.#alive();
      return await this.#locks.adoptAlone(() => this.#adoptOrphans());
    } catch {
      this.#fail();
      return [];
    }
  }

  save(event: Omit<StoredEvent, 'key'>): string {
    // Keys sort in the order of tracking.
    const key = `${this.#locks.owner}/${String(this.#saved++).padStart(10, '0')}`;
    this.#saves.set(key, { ...event, key, owner: this.#locks.owner });
    this.#write();
    return key;
  }

  remove(key: string): void {
    // A record that is not written yet need not be written.
    if (this.#saves.delete(key)) return;
    this.#removals.add(key);
    this.#write();
  }

  keeps(key: string): boolean {
    return this.#kept.has(key);
  }

  /** Lets other pages take the events over, because the page may not come back. */
  freeze(): void {
    this.#locks.release();
    this.#ready = undefined;
  }

  /** Shows other pages that this one is alive again. Events that one of them has sent meanwhile are sent twice and count once. */
  thaw(): void {
    this.#alive().catch(() => this.#fail());
  }

  async close(): Promise<void> {
    await this.#writing;
    (await this.#database?.catch(() => undefined))?.close();
    this.#locks.release();
  }

  /** Resolves when other pages can see that this one is alive. Before that they would take over its records. */
  #alive(): Promise<void> {
    this.#ready ??= this.#locks.hold();
    return this.#ready;
  }

  async #adoptOrphans(): Promise<StoredEvent[]> {
    const records = await transaction(await this.#open(), 'readonly', (store) => result<EventRecord[]>(store.getAll()));
    // The records were read before, so a page that starts only now is not taken for an ended one.
    const alive = await this.#locks.alive(new Set(records.map(({ owner }) => owner)));
    const orphans = records.filter(({ owner }) => !alive.has(owner));
    await transaction(await this.#open(), 'readwrite', (store) => {
      for (const orphan of orphans) store.put({ ...orphan, owner: this.#locks.owner });
    });
    for (const { key } of orphans) this.#kept.add(key);
    return orphans.sort((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1));
  }

  /** Writes everything that waits, one transaction after another. Events of one burst share a transaction. */
  #write(): void {
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
    });
  }

  async #writeAll(): Promise<void> {
    // No timer: those of hidden pages are late by up to a minute.
    await Promise.resolve();
    while (this.#saves.size + this.#removals.size > 0) {
      const saves = [...this.#saves.values()];
      const removals = [...this.#removals];
      this.#saves.clear();
      this.#removals.clear();
      try {
        await this.#alive();
        await transaction(await this.#open(), 'readwrite', (store) => {
          for (const record of saves) store.put(record);
          for (const key of removals) store.delete(key);
        });
        for (const { key } of saves) this.#kept.add(key);
        for (const key of removals) this.#kept.delete(key);
        this.#failing = false;
      } catch {
        this.#fail();
      }
    }
  }

  #open(): Promise<IDBDatabase> {
    const forget = (): void => {
      this.#database = undefined;
    };
    this.#database ??= openDatabase(this.#name, forget);
    this.#database.catch(forget);
    return this.#database;
  }

  #fail(): void {
    if (this.#failing) return;
    this.#failing = true;
    this.#onFailure('The browser stores no events (IndexedDB failed). They are in memory only.');
  }
}
