/**
 * Web Locks that the pages of an origin share. The browser frees the locks of a page that ends, however it ends,
 * so a lock that a page holds for its life tells others that it is alive.
 */
export class TabLocks {
  /** The name of this page among the pages of the origin. */
  readonly owner = crypto.randomUUID();
  readonly #manager: LockManager;
  readonly #prefix: string;
  #release: (() => void) | undefined;

  private constructor(manager: LockManager, store: string) {
    this.#manager = manager;
    this.#prefix = `segops/${store}`;
  }

  /** @returns undefined where the browser has no Web Locks: pages that are not secure, and old browsers. */
  static open(store: string): TabLocks | undefined {
    return globalThis.navigator?.locks ? new TabLocks(navigator.locks, store) : undefined;
  }

  /** Holds this page's own lock until `release`. Resolves when it is held. */
  hold(): Promise<void> {
    return new Promise((held, failed) => {
      const holding = this.#manager.request(this.#name(this.owner), () => {
        held();
        return new Promise<void>((release) => {
          this.#release = release;
        });
      });
      holding.catch(failed);
    });
  }

  /** Frees this page's own lock. A page that holds a lock cannot be kept for the back button. */
  release(): void {
    this.#release?.();
  }

  /** Tells which of some pages are alive. */
  async alive(owners: Iterable<string>): Promise<Set<string>> {
    const { held = [] } = await this.#manager.query();
    const names = new Set(held.map((lock) => lock.name));
    return new Set([...owners].filter((owner) => names.has(this.#name(owner))));
  }

  /** Runs an action while no other page adopts events. */
  adoptAlone<T>(action: () => Promise<T>): Promise<T> {
    return this.#manager.request(`${this.#prefix}/adopt`, action) as Promise<T>;
  }

  /** Runs an action while no other page sends. */
  async sendAlone<T>(action: () => Promise<T>, signal: AbortSignal): Promise<T> {
    let entered = false;
    const enter = (): Promise<T> => {
      entered = true;
      return action();
    };
    try {
      return (await this.#manager.request(`${this.#prefix}/send`, { signal }, enter)) as T;
    } catch (error) {
      if (entered || signal.aborted) throw error;
      // A sandboxed frame has Web Locks but may not use them. Sending twice is harmless, and not sending is not.
      return action();
    }
  }

  #name(owner: string): string {
    return `${this.#prefix}/page/${owner}`;
  }
}
