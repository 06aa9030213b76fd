import { Button, Group, MultiSelect, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { useEffect, useState } from 'react';
import { isNarrowed, type StudySearch } from '~/domain/studySearch';
import type { SearchState } from './useSearch';

const TYPING_MS = 300;
const MODALITIES = [
  ...['CR', 'CT', 'DX', 'MG', 'MR', 'NM', 'OT', 'PR', 'PT', 'RF', 'RTDOSE', 'RTSTRUCT'],
  ...['SEG', 'SM', 'SR', 'US', 'XA'],
];
type TextKey = 'accession' | 'description' | 'from' | 'id' | 'patient' | 'until';

const FIELDS: readonly { name: TextKey; label: string; type?: 'date' }[] = [
  { name: 'patient', label: 'Patient name' },
  { name: 'id', label: 'Patient ID' },
  { name: 'accession', label: 'Accession number' },
  { name: 'description', label: 'Description' },
  { name: 'from', label: 'From', type: 'date' },
  { name: 'until', label: 'Until', type: 'date' },
];

interface Props extends SearchState {
  /** Whether the account may search by what tells who a patient is. */
  readonly mayIdentify: boolean;
}

/** What narrows the list; it stands in the address. */
export function Filters({ search, change, clear, mayIdentify }: Props) {
  return (
    <Group component="search" gap="xs" align="end" mb="sm" aria-label="Studies">
      {(mayIdentify ? FIELDS : []).map((field) => (
        <Field
          key={field.name}
          name={field.name}
          label={field.label}
          type={field.type}
          search={search}
          change={change}
        />
      ))}
      <MultiSelect
        label="Modality"
        size="xs"
        w={150}
        data={MODALITIES}
        searchable
        clearable
        // One line, however many: the list below does not jump.
        styles={{ pillsList: { flexWrap: 'nowrap', overflow: 'hidden' } }}
        value={search.modality?.split(',') ?? []}
        onChange={(chosen) => change({ modality: chosen.join(',') })}
      />
      {search.project !== undefined && (
        <Button
          size="xs"
          variant="light"
          rightSection={<span aria-hidden="true">×</span>}
          aria-label={`Project ${search.project}: show all studies instead`}
          onClick={() => change({ project: '', partition: '' })}
        >
          Project: {search.project}
        </Button>
      )}
      <Button size="xs" variant="default" onClick={clear} disabled={!isNarrowed(search)}>
        Clear
      </Button>
    </Group>
  );
}

interface FieldProps {
  readonly name: TextKey;
  readonly label: string;
  readonly type?: 'date' | undefined;
  readonly search: StudySearch;
  readonly change: SearchState['change'];
}

/** A field that asks once somebody rests. */
function Field({ name, label, type, search, change }: FieldProps) {
  const asked = search[name] ?? '';
  const [typed, setTyped] = useState(asked);
  useEffect(() => setTyped(asked), [asked]);
  const ask = useDebouncedCallback((text: string) => change({ [name]: text.trim() }), TYPING_MS);
  return (
    <TextInput
      label={label}
      size="xs"
      w={type === 'date' ? 124 : 132}
      type={type ?? 'text'}
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        ask(event.currentTarget.value);
      }}
    />
  );
}
