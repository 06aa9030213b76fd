import { Table, Text } from '@mantine/core';
import { useGraph } from '~/api/useGraph';
import { dayWords, type Lane, lanesOf } from '~/domain/ask/courseLanes';
import { joined } from '~/domain/plainText';
import { FaultView } from '~/ui/FaultView';
import { Loading } from '~/ui/Loading';
import classes from './Ask.module.css';
import { COURSE, type Moment } from './queries';
import { SCROLLED } from './scrolled';

interface Props {
  readonly run: string;
  readonly cursor: string;
  /** What the criteria are about, by their places. */
  readonly titles: readonly string[];
}

/** What happened to a patient: a lane for each kind of events, in days from day 0. */
export function CourseView({ run, cursor, titles }: Props) {
  const { data, fault, reload } = useGraph(COURSE, { variables: { run, cursor } });
  if (fault !== undefined) {
    return <FaultView fault={fault} onTryAgain={reload} />;
  }
  const course = data?.cohortRun?.course;
  if (course === undefined) {
    return <Loading label="Loading the time line" rows={4} />;
  }
  const { lanes, zero, first, last, undated } = lanesOf(course.events);
  const title = course.leaf === null || course.leaf === undefined ? '' : titles[course.leaf];
  return (
    <>
      <Text size="sm" c="dimmed">
        Day 0: {title || 'the first event'}. From {dayWords(first)} to {dayWords(last)}.
        {undated > 0 && ` ${undated} without a date.`}
        {course.hasMore && ' There are more events: these are the first.'}
      </Text>
      {lanes.map((lane) => (
        <LaneView key={lane.kind} lane={lane} zero={zero} />
      ))}
      <Table.ScrollContainer scrollAreaProps={SCROLLED} minWidth={400} mah={320} mt="md">
        <Table fz="sm" aria-label="Events">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>When</Table.Th>
              <Table.Th>What</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {course.events.map((moment, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: events keep their places
              <Table.Tr key={at}>
                <Table.Td className={classes.when}>{whenOf(moment)}</Table.Td>
                <Table.Td>
                  <bdi>{nameOf(moment)}</bdi>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </>
  );
}

function LaneView({ lane, zero }: { readonly lane: Lane<Moment>; readonly zero: number }) {
  return (
    <div className={classes.lane}>
      <Text size="xs" w={110}>
        {kindOf(lane.kind)}
      </Text>
      <div className={classes.laneTrack} aria-hidden="true">
        <div className={classes.zero} style={{ left: `${zero}%` }} />
        {lane.marks.map(({ event, left, width }, at) => (
          <div
            // biome-ignore lint/suspicious/noArrayIndexKey: events keep their places
            key={at}
            className={classes.mark}
            style={{ left: `${left}%`, width: `max(6px, ${width}%)` }}
            title={joined([whenOf(event), nameOf(event)], ': ')}
          />
        ))}
      </div>
    </div>
  );
}

function whenOf({ startFirst, startLast }: Moment): string {
  if (startFirst === null || startFirst === undefined) {
    return 'No date';
  }
  const isSure = startLast === null || startLast === undefined || startLast === startFirst;
  return isSure ? dayWords(startFirst) : `${dayWords(startFirst)} to ${dayWords(startLast)}`;
}

function nameOf({ event: { kind, label, category, value, unit } }: Moment): string {
  return joined([label || category || kindOf(kind), joined([value, unit], ' ')], ', ');
}

function kindOf(kind: string): string {
  const words = kind.toLowerCase().replace('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
