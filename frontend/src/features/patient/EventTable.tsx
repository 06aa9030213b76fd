import { Button, Table, UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import { readableNumber } from '~/domain/amount';
import type { TimelineEvent } from '~/domain/timeline/event';
import { tableRows } from '~/domain/timeline/table';
import classes from './Timeline.module.css';

const STEP = 200;

interface Props {
  readonly events: readonly TimelineEvent[];
  readonly at: string | undefined;
  readonly onOpen: (event: TimelineEvent) => void;
}

/** What the time line shows, as a table. */
export function EventTable({ events, at, onOpen }: Props) {
  const [isNewestFirst, setNewestFirst] = useState(true);
  const [most, setMost] = useState(STEP);
  const rows = tableRows(events, isNewestFirst);
  return (
    <div className={classes.tableFrame}>
      <Table aria-label="Time line" aria-rowcount={rows.length + 1} highlightOnHover fz="sm">
        <Table.Thead>
          <Table.Tr>
            <Table.Th aria-sort={isNewestFirst ? 'descending' : 'ascending'}>
              <UnstyledButton
                fz="inherit"
                fw="inherit"
                onClick={() => setNewestFirst(!isNewestFirst)}
              >
                Date {isNewestFirst ? '↓' : '↑'}
              </UnstyledButton>
            </Table.Th>
            <Table.Th>What</Table.Th>
            <Table.Th>Kind</Table.Th>
            <Table.Th>Until</Table.Th>
            <Table.Th>Status</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.slice(0, most).map(({ event, when, until, what, kind }) => (
            <Table.Tr key={event.key} aria-current={event.key === at || undefined}>
              <Table.Td className={classes.when}>{when}</Table.Td>
              <Table.Td className={classes.what}>
                <UnstyledButton
                  fz="sm"
                  c="var(--mantine-color-anchor)"
                  onClick={() => onOpen(event)}
                >
                  <bdi>{what}</bdi>
                </UnstyledButton>
              </Table.Td>
              <Table.Td className={classes.when}>{kind}</Table.Td>
              <Table.Td className={classes.when}>{until}</Table.Td>
              <Table.Td>{event.status}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {rows.length > most && (
        <Button size="xs" variant="default" mt="xs" onClick={() => setMost(most + STEP)}>
          Show more: {readableNumber(most)} of {readableNumber(rows.length)} are shown
        </Button>
      )}
    </div>
  );
}
