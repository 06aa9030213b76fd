import { Badge } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Pages } from '~/api/usePages';
import { ROW_HEIGHTS, useDensity } from '~/app/density';
import { readableName } from '~/domain/personName';
import { joined } from '~/domain/plainText';
import { PRIORITY_WORDS, performersOf } from '~/domain/workitemWords';
import { Grid } from '~/ui/Grid';
import grid from '~/ui/Grid.module.css';
import { GridHead } from '~/ui/GridHead';
import { Moment } from '~/ui/Moment';
import type { WorkRow } from './queries';
import { StateBadge } from './StateBadge';
import type { WorkDeeds } from './useWorkDeeds';
import classes from './Worklist.module.css';

const TITLES = [
  'Priority',
  'To do',
  'Patient',
  'State',
  'Who',
  'Due',
  'Start',
  'Worklist',
] as const;
const TRACKS =
  '76px minmax(140px, 2fr) minmax(150px, 2fr) 124px minmax(100px, 1fr) 160px 160px minmax(100px, 1fr)';
const LEAST_WIDTH = 1010;

interface Props {
  readonly pages: Pages<WorkRow>;
  readonly total: number | undefined;
  readonly deeds: WorkDeeds;
}

/** A list of any number of workitems, that are looked at, claimed and opened. */
export function WorkGrid({ pages, total, deeds }: Props) {
  const { active, go, look, open, claim, claimNext } = deeds;
  return (
    <Grid
      label="Worklist"
      pages={pages}
      total={total}
      active={active}
      height={ROW_HEIGHTS[useDensity().density]}
      tracks={TRACKS}
      leastWidth={LEAST_WIDTH}
      head={<GridHead titles={TITLES} />}
      deeds={{ onOpen: open, onLook: look, letters: { c: claim, n: claimNext } }}
      onGo={go}
    >
      {({ row, index, id, start }) => (
        // The grid has the focus and the keys; a row only takes clicks.
        <div
          key={row.id}
          id={id}
          role="row"
          aria-rowindex={index + 2}
          aria-selected={index === active}
          data-active={index === active || undefined}
          data-opens
          className={`${grid.tracks} ${grid.row}`}
          style={{ transform: `translateY(${start}px)` }}
          onClick={() => go(index)}
          onDoubleClick={() => open(index)}
        >
          <Cells work={row} />
        </div>
      )}
    </Grid>
  );
}

function Cells({ work }: { readonly work: WorkRow }) {
  const { priority, state, progress, isOverdue, expectedCompletion } = work;
  const patient = joined([readableName(work.patientName), work.patientId], ' · ');
  const label = work.procedureStepLabel || 'Workitem';
  return (
    <>
      <Cell>
        {priority === 'MEDIUM' ? (
          PRIORITY_WORDS[priority]
        ) : (
          <Badge size="sm" variant={priority === 'HIGH' ? 'filled' : 'default'} tt="none" fw={500}>
            {PRIORITY_WORDS[priority]}
          </Badge>
        )}
      </Cell>
      <Cell title={label}>
        <bdi>{label}</bdi>
      </Cell>
      <Cell title={patient}>
        <bdi>{patient}</bdi>
      </Cell>
      <Cell>
        <StateBadge state={state} progress={progress} />
      </Cell>
      <Cell title={performersOf(work)}>
        <bdi>{work.isMine ? 'You' : performersOf(work)}</bdi>
      </Cell>
      <Cell>
        {expectedCompletion && (
          <span className={isOverdue ? classes.late : undefined}>
            <Moment at={expectedCompletion} />
            {isOverdue && <span className={classes.hidden}> overdue</span>}
          </span>
        )}
      </Cell>
      <Cell>
        <Moment at={work.start} />
      </Cell>
      <Cell title={work.worklistLabel ?? ''}>
        <bdi>{work.worklistLabel}</bdi>
      </Cell>
    </>
  );
}

function Cell({ title, children }: { readonly title?: string; readonly children: ReactNode }) {
  return (
    <div role="gridcell" className={grid.cell} title={title}>
      {children}
    </div>
  );
}
