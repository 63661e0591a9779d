interface Waiter {
  name: string;
  grant: () => void;
}

/** Exclusive Web Locks as browsers have them. */
export class FakeLocks {
  readonly #held = new Set<{ name: string }>();
  readonly #waiting: Waiter[] = [];

  async request<T>(name: string, ...rest: [object, () => Promise<T>] | [() => Promise<T>]): Promise<T> {
    const [options, action] = rest.length === 2 ? rest : [{}, rest[0]];
    const held = { name };
    await this.#enter(held, (options as { signal?: AbortSignal }).signal);
    try {
      return await action();
    } finally {
      this.#leave(held);
    }
  }

  async query(): Promise<{ held: { name: string }[] }> {
    return { held: [...this.#held] };
  }

  /** Frees every lock. */
  freeAll(): void {
    for (const held of this.#held) this.#leave(held);
  }

  #enter(held: { name: string }, signal: AbortSignal | undefined): Promise<void> {
    if (![...this.#held].some(({ name }) => name === held.name)) {
      this.#held.add(held);
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const waiter = {
        name: held.name,
        grant: () => {
          this.#held.add(held);
          resolve();
        },
      };
      this.#waiting.push(waiter);
      signal?.addEventListener('abort', () => {
        const at = this.#waiting.indexOf(waiter);
        if (at < 0) return;
        this.#waiting.splice(at, 1);
        reject(signal.reason);
      });
    });
  }

  #leave(held: { name: string }): void {
    if (!this.#held.delete(held)) return;
    const next = this.#waiting.findIndex(({ name }) => name === held.name);
    if (next >= 0) this.#waiting.splice(next, 1)[0]?.grant();
  }
}
