/** Time as the client sees it. Tests replace it. */
export interface Clock {
  /** UTC in milliseconds since 1970. It can jump when the device's clock is corrected. */
  wall(): number;

  /** Milliseconds since an arbitrary moment. It never goes back, so pauses and ages are measured with it. */
  elapsed(): number;

  /**
   * Calls an action once.
   * @param ms The time until then: 0 to 2,147,483,647 ms.
   * @param action What to call.
   * @param hold Whether a Node process stays alive for it.
   * @returns A function that cancels the call.
   */
  after(ms: number, action: () => void, hold?: boolean): () => void;
}

/** The clock and the timers of the runtime. */
export const systemClock: Clock = {
  wall: () => Date.now(),
  elapsed: () => performance.now(),
  after(ms, action, hold = false) {
    const timer: unknown = setTimeout(action, ms);
    // Only Node's timers are objects; elsewhere no timer keeps anything alive.
    if (!hold && typeof timer === 'object' && timer !== null) (timer as { unref?: () => void }).unref?.();
    return () => clearTimeout(timer as number);
  },
};
