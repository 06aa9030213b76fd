import { Box, Button, TextInput, VisuallyHidden } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Fragment } from 'react';
import { typedDate } from '~/domain/dicomDate';
import { isNarrowed, type StudySearch } from '~/domain/studySearch';
import { TypedField } from '~/ui/TypedField';
import { useClearing } from '~/ui/useClearing';
import { useTyped } from '~/ui/useTyped';
import classes from './Filters.module.css';
import type { SearchState } from './useSearch';

/** A year is a range until its month is typed. */
const RESTING_MS = 800;
const NO_DATE = 'No day, month or year: 2020-01-31, 2020-01, 2020';
type TextKey = 'accession' | 'description' | 'id' | 'patient' | 'words';

const FIELDS: readonly { name: TextKey; label: string }[] = [
  { name: 'words', label: 'Words anywhere' },
  { name: 'patient', label: 'Patient name' },
  { name: 'id', label: 'Patient ID' },
  { name: 'accession', label: 'Accession number' },
  { name: 'description', label: 'Description' },
];
const ENDS = [
  { name: 'from', label: 'From' },
  { name: 'until', label: 'Until' },
] as const;

interface Props extends Omit<SearchState, 'choose'> {
  /** Whether the account may search by what tells who a patient is. */
  readonly mayIdentify: boolean;
}

/** What narrows the list; it stands in the address. */
export function Filters({ search, change, clear, mayIdentify }: Props) {
  const [isOpen, { toggle }] = useDisclosure(false);
  const { fields, clearAll } = useClearing(clear);
  const isUsed = [...FIELDS, ...ENDS].some(({ name }) => search[name] !== undefined);
  return (
    <Box component="search" mb="sm" aria-label="Studies">
      <Button
        size="xs"
        variant="default"
        hiddenFrom="sm"
        mb={isOpen ? 'xs' : 0}
        aria-expanded={isOpen}
        onClick={toggle}
      >
        {isUsed ? 'Filters (in use)' : 'Filters'}
      </Button>
      <div className={classes.filters} data-open={isOpen || undefined}>
        <Fragment key={fields}>
          {(mayIdentify ? FIELDS : []).map((field) => (
            <TypedField
              key={field.name}
              label={field.label}
              width={132}
              asked={search[field.name] ?? ''}
              onAsk={(text) => change({ [field.name]: text })}
            />
          ))}
          {(mayIdentify ? ENDS : []).map((end) => (
            <DateField
              key={end.name}
              name={end.name}
              label={end.label}
              search={search}
              change={change}
            />
          ))}
        </Fragment>
        {search.project !== undefined && (
          <Button
            size="xs"
            variant="light"
            maw="min(320px, 100%)"
            rightSection={<span aria-hidden="true">×</span>}
            aria-label={`Project ${search.project}: show all studies instead`}
            onClick={() => change({ project: '', partition: '' })}
          >
            Project:&nbsp;<bdi className={classes.name}>{search.project}</bdi>
          </Button>
        )}
        <Button size="xs" variant="default" onClick={clearAll} disabled={!isNarrowed(search)}>
          Clear
        </Button>
      </div>
    </Box>
  );
}

interface DateFieldProps {
  readonly name: (typeof ENDS)[number]['name'];
  readonly label: string;
  readonly search: StudySearch;
  readonly change: SearchState['change'];
}

/** A day, as the list writes it: browsers write days as their language does. */
function DateField({ name, label, search, change }: DateFieldProps) {
  const { isNone, ...typed } = useTyped({
    asked: search[name] ?? '',
    read: (text) => typedDate(text, name),
    waits: RESTING_MS,
    onAsk: (day) => change({ [name]: day }),
  });
  return (
    <TextInput
      {...typed}
      label={label}
      size="xs"
      w={112}
      placeholder="YYYY-MM-DD"
      inputMode="numeric"
      // The line below it would move the list.
      error={isNone}
      // The library's red is too pale for text.
      styles={{ input: { color: 'var(--mantine-color-text)' } }}
      title={isNone ? NO_DATE : undefined}
      aria-describedby={isNone ? `no-date-${name}` : undefined}
      rightSectionPointerEvents="none"
      inputContainer={(input) => (
        <>
          {input}
          {isNone && (
            <VisuallyHidden id={`no-date-${name}`} role="alert">
              {NO_DATE}
            </VisuallyHidden>
          )}
        </>
      )}
    />
  );
}
