import type { KeyboardEvent } from 'react';
import type { Picking } from '~/domain/selection';

/** What the keys of a list do beside going through it; only some lists choose and show. */
export interface Deeds {
  readonly onOpen: (at: number) => void;
  readonly onToggle?: (at: number) => void;
  readonly onAll?: () => void;
  readonly onNone?: () => void;
  readonly onLook?: () => void;
  /** What letters do with the row that the keys are at. */
  readonly letters?: Readonly<Record<string, (at: number) => void>>;
}

interface Keys extends Deeds {
  readonly active: number;
  readonly last: number;
  /** How many rows a page has. */
  readonly page: number;
  readonly onGo: (at: number, how: Picking) => void;
}

/**
 * Returns what the keys of a list do: arrows and their like go, and choose what they pass
 * while Shift is held; Shift and Space choose one, Ctrl and A all.
 */
export function gridKeys(keys: Keys): (event: KeyboardEvent) => void {
  const { active, last, page, onGo, onOpen, onToggle } = keys;
  const ways: ReadonlyMap<string, number> = new Map([
    ['ArrowDown', active + 1],
    ['ArrowUp', active - 1],
    ['PageDown', active + page],
    ['PageUp', active - page],
    ['Home', 0],
    ['End', last],
  ]);
  const deeds: ReadonlyMap<string, (() => void) | undefined> = new Map([
    ['Enter', () => onOpen(active)],
    [' ', keys.onLook],
    ['Shift+ ', onToggle && (() => onToggle(active))],
    ['Ctrl+a', keys.onAll],
    ['Escape', keys.onNone],
    ...Object.entries(keys.letters ?? {}).map(([key, act]) => [key, () => act(active)] as const),
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
