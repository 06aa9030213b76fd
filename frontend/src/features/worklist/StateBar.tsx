import { Button } from '@mantine/core';
import { cappedNumber } from '~/domain/amount';
import { MOST_COUNTED, STATES } from '~/domain/worklistSearch';
import type { Counts } from './useWorkitems';
import type { WorkSearch } from './useWorkSearch';
import classes from './Worklist.module.css';

interface Props extends Pick<WorkSearch, 'change' | 'search'> {
  readonly counts: Counts | undefined;
}

/** How many there are in each state: each is the way to them. */
export function StateBar({ counts, search, change }: Props) {
  const { state = 'open', overdue } = search;
  return (
    <fieldset className={classes.states} aria-label="State">
      {STATES.map(({ key, label }) => (
        <Chip
          key={key}
          label={label}
          number={counts?.[key]}
          isChosen={state === key}
          onClick={() => change({ state: key === 'open' ? '' : key })}
        />
      ))}
      <Chip
        label="Overdue"
        number={counts?.overdue}
        isChosen={overdue !== undefined}
        isLate={counts !== undefined && counts.overdue > 0}
        onClick={() => change({ overdue: overdue === undefined ? 'yes' : '' })}
      />
    </fieldset>
  );
}

interface ChipProps {
  readonly label: string;
  readonly number: number | undefined;
  readonly isChosen: boolean;
  readonly isLate?: boolean;
  readonly onClick: () => void;
}

function Chip({ label, number, isChosen, isLate = false, onClick }: ChipProps) {
  return (
    <Button
      size="compact-sm"
      variant={isChosen ? 'filled' : 'default'}
      aria-pressed={isChosen}
      onClick={onClick}
    >
      {label}{' '}
      <span className={classes.number} data-late={isLate || undefined}>
        {number === undefined ? '…' : cappedNumber(number, MOST_COUNTED)}
      </span>
    </Button>
  );
}
