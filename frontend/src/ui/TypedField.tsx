import { TextInput } from '@mantine/core';
import { useTyped } from './useTyped';

interface Props {
  readonly label: string;
  readonly width: number;
  readonly placeholder?: string;
  readonly asked: string;
  readonly waits?: number;
  /** Returns what is asked for by a text; undefined where it means nothing. */
  readonly read?: (text: string) => string | undefined;
  readonly onAsk: (text: string) => void;
}

/** A field that asks once somebody rests or leaves it. */
export function TypedField(props: Props) {
  const { label, width, placeholder, asked, waits, read, onAsk } = props;
  const { isNone, ...typed } = useTyped({ asked, waits, read, onAsk });
  return (
    <TextInput
      {...typed}
      label={label}
      size="xs"
      w={width}
      placeholder={placeholder}
      error={isNone && asked === ''}
      // The library's red is too pale for text.
      styles={{ input: { color: 'var(--mantine-color-text)' } }}
    />
  );
}
