const events = 'events';

/**
 * Opens a database with one object store, whose records have the property `key`.
 * @param onClose Is called when the browser or a newer version of the page closes it.
 */
export async function openDatabase(name: string, onClose: () => void): Promise<IDBDatabase> {
  const opening = indexedDB.open(name, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(events, { keyPath: 'key' });
  const database = await result(opening);
  database.onclose = onClose;
  database.onversionchange = () => {
    database.close();
    onClose();
  };
  return database;
}

/** Resolves when a request has succeeded. */
export function result<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Runs an action in a transaction, and resolves with what it returns when the transaction is complete. */
export async function transaction<T>(
  database: IDBDatabase,
  mode: IDBTransactionMode,
  action: (store: IDBObjectStore) => T,
): Promise<Awaited<T>> {
  const running = database.transaction(events, mode);
  const complete = new Promise<void>((resolve, reject) => {
    running.oncomplete = () => resolve();
    running.onabort = () => reject(running.error);
  });
  const [value] = await Promise.all([action(running.objectStore(events)), complete]);
  return value;
}
