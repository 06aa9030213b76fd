import { useDebouncedCallback } from '@mantine/hooks';
import { type ChangeEvent, useEffect, useRef, useState } from 'react';

const TYPING_MS = 300;

interface Options {
  /** What is asked for; once it is another than what was typed, that is shown. */
  readonly asked: string;
  /** Returns what is asked for by a text; undefined where it means nothing. */
  readonly read?: ((text: string) => string | undefined) | undefined;
  /** How long somebody rests before it is asked for, in milliseconds. */
  readonly waits?: number | undefined;
  readonly onAsk: (text: string) => void;
}

export interface Typed {
  readonly value: string;
  /** Whether nobody types, and what is typed means nothing. */
  readonly isNone: boolean;
  readonly onChange: (event: ChangeEvent<HTMLInputElement>) => void;
  readonly onBlur: () => void;
}

/**
 * Keeps what is typed into a field, which asks for it once somebody rests or leaves it.
 *
 * What the field itself has asked for takes no letter away when it comes back later, by
 * the address. What comes by another way (the browser's way back, a saved view) is shown
 * at once, and what waits to be asked for is given up.
 */
export function useTyped({ asked, read = trimmed, waits = TYPING_MS, onAsk }: Options): Typed {
  const [value, setValue] = useState(asked);
  const [isResting, rest] = useState(true);
  // What it has asked for and has not come back yet, in order.
  const own = useRef<readonly string[]>([]);
  const ask = useDebouncedCallback((text: string) => {
    rest(true);
    const given = meaning(text, read);
    if (given !== undefined && given !== (own.current.at(-1) ?? asked)) {
      own.current = [...own.current, given];
      onAsk(given);
    }
  }, waits);
  // biome-ignore lint/correctness/useExhaustiveDependencies: of what is asked for alone
  useEffect(() => {
    const at = own.current.indexOf(asked);
    if (at === -1) {
      ask.cancel();
      rest(true);
    }
    own.current = at === -1 ? [] : own.current.slice(at + 1);
    if (own.current.length === 0 && !ask.isPending()) {
      setValue((text) => (meaning(text, read) === asked ? text : asked));
    }
  }, [asked]);
  return {
    value,
    isNone: isResting && meaning(value, read) === undefined,
    onChange: (event) => {
      rest(false);
      setValue(event.currentTarget.value);
      ask(event.currentTarget.value);
    },
    onBlur: () => {
      ask.flush();
      rest(true);
      setValue((text) => meaning(text, read) ?? text);
    },
  };
}

function meaning(text: string, read: (text: string) => string | undefined): string | undefined {
  return text.trim() === '' ? '' : read(text);
}

function trimmed(text: string): string {
  return text.trim();
}
