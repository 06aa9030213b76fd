import { Button, Group, Text, VisuallyHidden } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { searchOfPlace } from '~/domain/placeSearch';
import { daysOf, today } from '~/domain/timeline/days';
import type { Lane, TimelineEvent } from '~/domain/timeline/event';
import { chosenOf, lanesOf, toggled } from '~/domain/timeline/place';
import { viewOf } from '~/domain/timeline/scale';
import { tracksOf } from '~/domain/timeline/tracks';
import { Empty } from '~/ui/Empty';
import type { Moment } from './Axis';
import { EventPanel } from './EventPanel';
import { EventTable } from './EventTable';
import type { PatientOfPage } from './queries';
import { Timeline } from './Timeline';
import classes from './Timeline.module.css';
import { Toolbar } from './Toolbar';
import { usePlace } from './usePlace';
import { useReferences } from './useReferences';
import { useView } from './useView';

interface Props {
  readonly patient: PatientOfPage;
  readonly partition: string;
  readonly events: readonly TimelineEvent[];
}

/** All that happened: as a chart or a table, with what is looked at beside it. */
export function History({ patient, partition, events }: Props) {
  const { place, change } = usePlace();
  const lanes = lanesOf(place);
  const isAll = place.all === '1';
  const counted = useMemo(
    () => (isAll ? events : events.filter(({ isCounted }) => isCounted)),
    [events, isAll],
  );
  const all = useMemo(() => tracksOf(counted), [counted]);
  const tracks = useMemo(() => {
    const wanted = lanesOf({ ...(place.lanes && { lanes: place.lanes }) });
    return all.filter(({ lane }) => wanted.has(lane));
  }, [all, place.lanes]);
  const moment = useMemo(() => momentOf(patient), [patient]);
  const whole = useMemo(() => wholeOf(counted, moment), [counted, moment]);
  const state = useView(whole, place, change);
  const references = useReferences({ tracks: all, patientId: patient.fhirId, partition });
  const chosen = chosenOf(place);
  const looked = events.find(({ key }) => key === place.at);
  const shown = counted.filter(({ lane }) => lanes.has(lane));
  const open = ({ key }: TimelineEvent) => change({ at: key }, { isPlace: true });
  const leave = () => change({ at: '' });
  const choose = (event: TimelineEvent) => {
    const [uid] = event.studies;
    if (event.lane === 'imaging' && uid !== undefined) {
      change({ chosen: toggled(chosen, uid).join(',') });
    }
  };
  return (
    <>
      <Toolbar
        {...state}
        place={place}
        change={change}
        counts={countsOf(counted)}
        hasUncounted={events.some(({ isCounted }) => !isCounted)}
      />
      <Compared events={counted} chosen={chosen} partition={partition} change={change} />
      <div className={classes.columns} data-beside={looked !== undefined || undefined}>
        <div>
          {shown.length === 0 && <Empty title="Nothing of what is chosen to be shown is known" />}
          {shown.length > 0 && place.as === 'table' && (
            <EventTable events={shown} at={place.at} onOpen={open} />
          )}
          {shown.length > 0 && place.as !== 'table' && (
            <>
              <Timeline
                {...state}
                tracks={tracks}
                references={references}
                moment={moment}
                partition={partition}
                at={place.at}
                chosen={chosen}
                onOpen={open}
                onChoose={choose}
                onLeave={leave}
              />
              <Text size="xs" c="dimmed" mt="xs" id="timeline-keys">
                Wheel: zoom. Drag: move. Arrow keys go from event to event, Shift and arrows move, +
                and − zoom, 0 shows all. Enter: look at it. Space: choose a study to compare.
              </Text>
              <VisuallyHidden>The table says the same in words.</VisuallyHidden>
            </>
          )}
        </div>
        {looked && (
          <EventPanel
            event={looked}
            events={shown}
            patientId={patient.fhirId}
            partition={partition}
            chosen={chosen}
            onOpen={open}
            onChoose={choose}
            onClose={leave}
          />
        )}
      </div>
    </>
  );
}

interface ComparedProps {
  readonly events: readonly TimelineEvent[];
  readonly chosen: readonly string[];
  readonly partition: string;
  readonly change: ReturnType<typeof usePlace>['change'];
}

/** What is chosen to be seen beside each other: the older study first. */
function Compared({ events, chosen, partition, change }: ComparedProps) {
  const studies = events.filter(
    ({ lane, studies: [uid] }) => lane === 'imaging' && uid !== undefined && chosen.includes(uid),
  );
  if (studies.length === 0) {
    return null;
  }
  const [first, second] = studies.map(({ studies: [uid] }) => uid ?? '');
  return (
    <Group gap="xs" mb="xs" role="status">
      {first && second ? (
        <Button
          size="xs"
          renderRoot={(props) => (
            <Link
              to="/studies/$studyUid/viewer"
              params={{ studyUid: first }}
              search={{ ...searchOfPlace(partition), beside: second }}
              {...props}
            />
          )}
        >
          Open both side by side
        </Button>
      ) : (
        <Text size="sm">One study is chosen to compare: choose another.</Text>
      )}
      <Button size="xs" variant="default" onClick={() => change({ chosen: '' })}>
        Choose none
      </Button>
    </Group>
  );
}

function countsOf(events: readonly TimelineEvent[]): ReadonlyMap<Lane, number> {
  const counts = new Map<Lane, number>();
  for (const { lane } of events) {
    counts.set(lane, (counts.get(lane) ?? 0) + 1);
  }
  return counts;
}

function momentOf({ deceased, deceasedAt }: PatientOfPage): Moment {
  const died = deceased ? daysOf(deceasedAt) : undefined;
  return died === undefined
    ? { day: today(), label: 'Today', isEnd: false }
    : { day: died[1], label: 'Died', isEnd: true };
}

/** Returns all days of which something is known, today or the day of death included. */
function wholeOf(events: readonly TimelineEvent[], moment: Moment) {
  let first = moment.day;
  let last = moment.day;
  for (const { start, end } of events) {
    first = Math.min(first, start?.[0] ?? first);
    last = Math.max(last, start?.[1] ?? last, Number.isFinite(end) ? (end ?? last) : last);
  }
  return viewOf(first, last);
}
