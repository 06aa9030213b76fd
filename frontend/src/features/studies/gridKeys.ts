import type { KeyboardEvent } from 'react';
import type { Picking } from './useSelection';

interface Keys {
  readonly active: number;
  readonly last: number;
  /** How many rows a page has. */
  readonly page: number;
  readonly onGo: (at: number, how: Picking) => void;
  readonly onPick: (at: number, how: Picking) => void;
  readonly onAll: () => void;
  readonly onNone: () => void;
  readonly onLook: () => void;
  readonly onOpen: (at: number) => void;
}

/**
 * Returns what the keys of the list do: arrows and their like go, and choose what they
 * pass while Shift is held; Shift and Space choose one, Ctrl and A all.
 */
export function gridKeys(keys: Keys): (event: KeyboardEvent) => void {
  const { active, last, page, onGo, onPick } = keys;
  const ways: ReadonlyMap<string, number> = new Map([
    ['ArrowDown', active + 1],
    ['ArrowUp', active - 1],
    ['PageDown', active + page],
    ['PageUp', active - page],
    ['Home', 0],
    ['End', last],
  ]);
  const deeds: ReadonlyMap<string, () => void> = new Map([
    ['Enter', () => keys.onOpen(active)],
    [' ', keys.onLook],
    ['Shift+ ', () => onPick(active, 'toggle')],
    ['Ctrl+a', keys.onAll],
    ['Escape', keys.onNone],
  ]);
  return (event) => {
    // Keys on links and buttons inside are theirs.
    if (event.target !== event.currentTarget || event.altKey) {
      return;
    }
    const isCommand = event.ctrlKey || event.metaKey;
    const to = isCommand ? undefined : ways.get(event.key);
    const shift = event.shiftKey ? 'Shift+' : '';
    const deed = deeds.get(isCommand ? `Ctrl+${event.key}` : `${shift}${event.key}`);
    if (to !== undefined) {
      event.preventDefault();
      onGo(Math.max(0, Math.min(last, to)), event.shiftKey ? 'range' : 'go');
    } else if (deed !== undefined) {
      event.preventDefault();
      deed();
    }
  };
}
