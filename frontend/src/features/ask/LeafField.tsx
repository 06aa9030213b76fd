import { Checkbox, Group, NativeSelect, TextInput } from '@mantine/core';
import { readDuration, UNITS, writeDuration } from '~/domain/ask/duration';
import type { Field } from '~/domain/ask/leafWords';
import { useTyped } from '~/ui/useTyped';

const TYPING_MS = 400;

interface Props {
  readonly field: Field;
  readonly onChange: (value: Field['value']) => void;
}

/** A value of a criterion, changed once somebody rests. */
export function LeafField({ field: { label, value }, onChange }: Props) {
  if (typeof value === 'boolean') {
    return (
      <Checkbox
        size="xs"
        label={label}
        checked={value}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    );
  }
  if (typeof value === 'number') {
    return <NumberField label={label} value={value} onChange={onChange} />;
  }
  if (typeof value !== 'string') {
    return (
      <Typed
        label={label}
        value={value.join(', ')}
        read={(text) => {
          const texts = text.split(',').map((each) => each.trim());
          return texts.every(Boolean) ? texts : undefined;
        }}
        write={(texts) => texts.join(', ')}
        onChange={onChange}
      />
    );
  }
  const duration = readDuration(value);
  if (duration === undefined) {
    return (
      <Typed
        label={label}
        value={value}
        read={(text) => text.trim() || undefined}
        onChange={onChange}
      />
    );
  }
  return (
    <Group gap={4} align="end" wrap="nowrap">
      <NumberField
        label={label}
        value={duration.number}
        isWhole
        onChange={(number) => onChange(writeDuration({ ...duration, number }))}
      />
      <NativeSelect
        size="xs"
        aria-label={`Unit of ${label}`}
        data={[...UNITS]}
        value={duration.unit}
        onChange={(event) =>
          onChange(writeDuration({ ...duration, unit: event.currentTarget.value }))
        }
      />
    </Group>
  );
}

interface NumberProps {
  readonly label: string;
  readonly value: number;
  readonly isWhole?: boolean;
  readonly onChange: (value: number) => void;
}

function NumberField({ label, value, isWhole = false, onChange }: NumberProps) {
  return (
    <Typed
      label={label}
      value={String(value)}
      width={90}
      isNumber
      read={(text) => {
        const number = text.trim() === '' ? Number.NaN : Number(text);
        return Number.isFinite(number) && (!isWhole || Number.isInteger(number))
          ? number
          : undefined;
      }}
      onChange={onChange}
    />
  );
}

interface TypedProps<Value> {
  readonly label: string;
  readonly value: string;
  readonly width?: number;
  readonly isNumber?: boolean;
  /** Returns what a text means; undefined: nothing, and it is not taken. */
  readonly read: (text: string) => Value | undefined;
  /** Returns the text of a value, as it comes back. */
  readonly write?: (value: Value) => string;
  readonly onChange: (value: Value) => void;
}

function Typed<Value>(props: TypedProps<Value>) {
  const { label, value, width = 180, isNumber = false, read, write = String, onChange } = props;
  const { isNone: _, ...typed } = useTyped({
    asked: value,
    read: (text) => {
      const given = read(text);
      return given === undefined ? undefined : write(given);
    },
    waits: TYPING_MS,
    onAsk: (text) => {
      const given = read(text);
      if (given !== undefined) {
        onChange(given);
      }
    },
  });
  return (
    <TextInput
      {...typed}
      size="xs"
      label={label}
      miw={width}
      styles={{ input: { width }, label: { whiteSpace: 'nowrap' } }}
      {...(isNumber && { inputMode: 'decimal' as const })}
      error={read(typed.value) === undefined}
    />
  );
}
