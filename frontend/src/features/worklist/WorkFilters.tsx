import { Box, Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Fragment } from 'react';
import { useGraph } from '~/api/useGraph';
import { DEFAULT_PARTITION } from '~/domain/placeSearch';
import { PRIORITY_WORDS } from '~/domain/workitemWords';
import { isWorkNarrowed, PRIORITIES } from '~/domain/worklistSearch';
import { ChoiceField } from '~/ui/ChoiceField';
import list from '~/ui/ListPage.module.css';
import { TypedField } from '~/ui/TypedField';
import { useClearing } from '~/ui/useClearing';
import { WORKLISTS } from './queries';
import type { WorkSearch } from './useWorkSearch';
import classes from './Worklist.module.css';

const WHOSE = [
  { value: '', label: "Anybody's" },
  { value: 'mine', label: 'Claimed by me' },
  { value: 'forme', label: 'Scheduled for me' },
];
const PRIORITY = [
  { value: '', label: 'Any' },
  ...PRIORITIES.map((value) => ({ value, label: PRIORITY_WORDS[value] })),
];
const ORDER = [
  { value: '', label: 'The most urgent first' },
  { value: 'START', label: 'The first to begin first' },
  { value: 'DUE', label: 'The first to be due first' },
  { value: 'CHANGED', label: 'The last changed first' },
];

/** What narrows the list; it stands in the address. */
export function WorkFilters({ search, change, clear }: WorkSearch) {
  const [isOpen, { toggle }] = useDisclosure(false);
  const { fields, clearAll } = useClearing(clear);
  return (
    <Box component="search" mb="sm" aria-label="Worklist">
      <Button
        size="xs"
        variant="default"
        hiddenFrom="sm"
        mb={isOpen ? 'xs' : 0}
        aria-expanded={isOpen}
        onClick={toggle}
      >
        {isWorkNarrowed(search) ? 'Filters (in use)' : 'Filters'}
      </Button>
      <div className={`${list.filters} ${classes.filters}`} data-open={isOpen || undefined}>
        <ChoiceField
          label="Worklist"
          width={160}
          choices={useLabels(search.partition ?? DEFAULT_PARTITION, search.label)}
          chosen={search.label}
          onChoose={(label) => change({ label })}
        />
        <ChoiceField
          label="Whose"
          width={145}
          choices={WHOSE}
          chosen={search.whose}
          onChoose={(whose) => change({ whose })}
        />
        <ChoiceField
          label="Priority"
          width={90}
          choices={PRIORITY}
          chosen={search.priority}
          onChoose={(priority) => change({ priority })}
        />
        <Fragment key={fields}>
          <TypedField
            label="Words"
            width={180}
            placeholder="Patient, order, what to do"
            asked={search.text ?? ''}
            onAsk={(text) => change({ text })}
          />
          <TypedField
            label="Patient ID"
            width={110}
            asked={search.patient ?? ''}
            onAsk={(patient) => change({ patient })}
          />
        </Fragment>
        <ChoiceField
          label="Order"
          width={170}
          choices={ORDER}
          chosen={search.order}
          onChoose={(order) => change({ order })}
        />
        <Button size="xs" variant="default" disabled={!isWorkNarrowed(search)} onClick={clearAll}>
          Clear
        </Button>
      </div>
    </Box>
  );
}

/** Returns the worklists to choose from: also the one of the address that nobody knows. */
function useLabels(partition: string, chosen: string | undefined) {
  const { data } = useGraph(WORKLISTS, { variables: { partition } });
  const labels = new Set(data?.worklists.edges.map(({ node }) => node.label));
  if (chosen !== undefined) {
    labels.add(chosen);
  }
  const options = [...labels].sort((a, b) => a.localeCompare(b));
  return [{ value: '', label: 'All' }, ...options.map((value) => ({ value, label: value }))];
}
