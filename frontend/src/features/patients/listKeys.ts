import type { KeyboardEvent } from 'react';

interface Keys {
  readonly active: number;
  readonly last: number;
  /** How many rows a page has. */
  readonly page: number;
  readonly onGo: (at: number) => void;
  readonly onOpen: (at: number) => void;
}

/** Returns what the keys of the list do: arrows and their like go, Enter opens. */
export function listKeys({ active, last, page, onGo, onOpen }: Keys) {
  const ways: ReadonlyMap<string, number> = new Map([
    ['ArrowDown', active + 1],
    ['ArrowUp', active - 1],
    ['PageDown', active + page],
    ['PageUp', active - page],
    ['Home', 0],
    ['End', last],
  ]);
  return (event: KeyboardEvent) => {
    const isOther = event.altKey || event.ctrlKey || event.metaKey || event.shiftKey;
    if (event.target !== event.currentTarget || isOther) {
      return;
    }
    const to = ways.get(event.key);
    if (to !== undefined) {
      event.preventDefault();
      onGo(Math.max(0, Math.min(last, to)));
    } else if (event.key === 'Enter' && last >= 0) {
      event.preventDefault();
      onOpen(active);
    }
  };
}
