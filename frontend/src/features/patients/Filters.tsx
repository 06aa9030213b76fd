import { Box, Button, NativeSelect, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useEffect, useState } from 'react';
import {
  isPatientNarrowed,
  type PatientSearch,
  SEX_CODES,
  typedBirth,
} from '~/domain/patientSearch';
import { sexOf } from '~/domain/patientWords';
import classes from './Patients.module.css';

const TYPING_MS = 300;
/** A year is a birth date until its month is typed. */
const RESTING_MS = 800;
const SEXES = [
  { value: '', label: 'Any' },
  ...SEX_CODES.map((value) => ({ value, label: sexOf(value) })),
];

interface Props {
  readonly search: PatientSearch;
  readonly change: (changed: Partial<Record<keyof PatientSearch, string>>) => void;
}

/** What narrows the list; it stands in the address. */
export function Filters({ search, change }: Props) {
  return (
    <Box component="search" mb="sm" aria-label="Patients" className={classes.filters}>
      <Typed
        label="Name or identifier"
        width={240}
        asked={search.text ?? ''}
        onAsk={(text) => change({ text })}
      />
      <Typed
        label="Born"
        width={120}
        placeholder="YYYY-MM-DD"
        asked={search.born ?? ''}
        waits={RESTING_MS}
        read={typedBirth}
        onAsk={(born) => change({ born })}
      />
      <NativeSelect
        label="Sex"
        size="xs"
        w={100}
        data={SEXES}
        value={search.sex ?? ''}
        onChange={(event) => change({ sex: event.currentTarget.value })}
      />
      <Button
        size="xs"
        variant="default"
        disabled={!isPatientNarrowed(search)}
        onClick={() => change({ text: '', born: '', sex: '' })}
      >
        Clear
      </Button>
    </Box>
  );
}

interface TypedProps {
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
function Typed(props: TypedProps) {
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
