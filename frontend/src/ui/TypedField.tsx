import { TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useEffect, useState } from 'react';

const TYPING_MS = 300;

interface Props {
  readonly label: string;
  readonly width: number;
  readonly placeholder?: string;
  readonly asked: string;
  readonly waits?: number;
  /** Returns what is asked for by a text; nothing where it means nothing. */
  readonly read?: (text: string) => string | undefined;
  readonly onAsk: (text: string) => void;
}

/** A field that asks once somebody rests. */
export function TypedField(props: Props) {
  const { label, width, placeholder, asked, waits = TYPING_MS, read = same, onAsk } = props;
  const [typed, setTyped] = useState(asked);
  useEffect(() => setTyped((text) => (read(text) === asked ? text : asked)), [asked, read]);
  const isNone = typed.trim() !== '' && read(typed) === undefined;
  const ask = useDebouncedCallback((text: string) => {
    const given = read(text);
    if (given !== undefined || text.trim() === '') {
      onAsk(given ?? '');
    }
  }, waits);
  return (
    <TextInput
      label={label}
      size="xs"
      w={width}
      placeholder={placeholder}
      value={typed}
      error={isNone && asked === ''}
      styles={{ input: { color: 'var(--mantine-color-text)' } }}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        ask(event.currentTarget.value);
      }}
    />
  );
}

function same(text: string): string | undefined {
  return text.trim();
}
