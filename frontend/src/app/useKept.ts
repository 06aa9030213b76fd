import { useCallback, useSyncExternalStore } from 'react';
import { useMe } from './me';

const listeners = new Set<() => void>();

/**
 * Returns a text that this browser keeps for the account that is signed in.
 *
 * Accounts that use the same browser have each their own. Where the browser keeps
 * nothing (it is told not to, or full) the text is forgotten with the page.
 */
export function useKept(name: string): readonly [string | null, (text: string | null) => void] {
  const { name: account } = useMe();
  const key = `portal-${name}:${account}`;
  const text = useSyncExternalStore(subscribe, () => (account ? read(key) : null));
  const keep = useCallback((changed: string | null) => write(key, changed), [key]);
  return [text, keep];
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  // Other tabs change it as well.
  window.addEventListener('storage', listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener('storage', listener);
  };
}

function read(key: string): string | null {
  try {
    return window.localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, text: string | null): void {
  try {
    if (text === null) {
      window.localStorage.removeItem(key);
    } else {
      window.localStorage.setItem(key, text);
    }
  } catch {
    // Nothing is lost that was there before.
  }
  for (const listener of listeners) {
    listener();
  }
}
