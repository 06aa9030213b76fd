import { useSyncExternalStore } from 'react';
import { type Client, useClient } from 'urql';

const PATIENCE_MS = 5_000;

/** Whether the server can tell this page something: by the WebSocket of its client. */
export interface Line {
  readonly isOpen: () => boolean;
  readonly subscribe: (listener: () => void) => () => void;
  readonly set: (isOpen: boolean) => void;
  /** Gives the line up unless something is heard soon. */
  readonly expect: (giveUp: () => void) => void;
}

/** The lines of clients, which have no place for them. */
export const LINES = new WeakMap<Client, Line>();

export function createLine(): Line {
  const listeners = new Set<() => void>();
  let isOpen = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    isOpen: () => isOpen,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    set: (changed) => {
      clearTimeout(timer);
      isOpen = changed;
      for (const listener of listeners) {
        listener();
      }
    },
    expect: (giveUp) => {
      clearTimeout(timer);
      timer = setTimeout(giveUp, PATIENCE_MS);
    },
  };
}

/** Returns whether the line of subscriptions is open: what changes is told then. */
export function useLine(): boolean {
  const line = LINES.get(useClient());
  return useSyncExternalStore(line?.subscribe ?? nothing, () => line?.isOpen() ?? false);
}

function nothing() {
  return () => undefined;
}
