/** What a client does when its page comes and goes. */
export interface PageActions {
  /** The page may be closed from now on. */
  leave(): void;
  /** The page is kept for the back button. */
  freeze(): void;
  /** The page comes back by the back button. */
  thaw(): void;
  /** The device has a network again. */
  online(): void;
}

/**
 * Listens to the page's life.
 * @returns A function that ends it.
 */
export function listenToPage(actions: PageActions): () => void {
  const ended = new AbortController();
  const { signal } = ended;
  const { document } = globalThis;
  // Mobile browsers end hidden pages without another event, so hidden counts as the end.
  document?.addEventListener(
    'visibilitychange',
    () => {
      if (document.visibilityState === 'hidden') actions.leave();
    },
    { signal },
  );
  addEventListener(
    'pagehide',
    (event) => {
      actions.leave();
      if (event.persisted) actions.freeze();
    },
    { signal },
  );
  addEventListener(
    'pageshow',
    (event) => {
      if (event.persisted) actions.thaw();
    },
    { signal },
  );
  addEventListener('online', actions.online, { signal });
  return () => ended.abort();
}
