import { Box, Button } from '@mantine/core';
import { Fragment } from 'react';
import {
  isPatientNarrowed,
  type PatientSearch,
  SEX_CODES,
  typedBirth,
} from '~/domain/patientSearch';
import { sexOf } from '~/domain/patientWords';
import { ChoiceField } from '~/ui/ChoiceField';
import list from '~/ui/ListPage.module.css';
import { TypedField } from '~/ui/TypedField';
import { useClearing } from '~/ui/useClearing';

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
  const { fields, clearAll } = useClearing(() => change({ text: '', born: '', sex: '' }));
  return (
    <Box component="search" mb="sm" aria-label="Patients" className={list.filters}>
      <Fragment key={fields}>
        <TypedField
          label="Name or identifier"
          width={240}
          asked={search.text ?? ''}
          onAsk={(text) => change({ text })}
        />
        <TypedField
          label="Born"
          width={120}
          placeholder="YYYY-MM-DD"
          asked={search.born ?? ''}
          waits={RESTING_MS}
          read={typedBirth}
          onAsk={(born) => change({ born })}
        />
      </Fragment>
      <ChoiceField
        label="Sex"
        width={100}
        choices={SEXES}
        chosen={search.sex}
        onChoose={(sex) => change({ sex })}
      />
      <Button size="xs" variant="default" disabled={!isPatientNarrowed(search)} onClick={clearAll}>
        Clear
      </Button>
    </Box>
  );
}
