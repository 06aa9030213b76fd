import { Paper, Text } from '@mantine/core';
import { useState } from 'react';
import { addressOf } from '~/api/dicomweb';
import { type TimelineEvent, titleOf } from '~/domain/timeline/event';
import { kindOf, untilOf, whenOf } from '~/domain/timeline/table';
import classes from './Timeline.module.css';

const WIDTH = 240;
const MOST = 5;

interface Props {
  readonly events: readonly TimelineEvent[];
  readonly partition: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** What the mark below the pointer is: a study with its picture. */
export function Hover({ events, partition, x, y, width, height }: Props) {
  const left = Math.max(4, Math.min(x - WIDTH / 2, width - WIDTH - 4));
  const isBelow = y < height / 2;
  const [first] = events;
  if (first === undefined) {
    return null;
  }
  return (
    <Paper
      withBorder
      shadow="md"
      p="xs"
      className={classes.hover}
      style={isBelow ? { left, top: y + 6 } : { left, bottom: height - y + 30 }}
    >
      {events.length === 1 && first.lane === 'imaging' && first.studies[0] && (
        <Picture partition={partition} studyUid={first.studies[0]} />
      )}
      {events.slice(0, MOST).map((event) => (
        <div key={event.key}>
          <Text size="xs" fw={600} lineClamp={2}>
            <bdi>{titleOf(event)}</bdi>
          </Text>
          <Text size="xs" c="dimmed">
            {kindOf(event)}, {whenOf(event)}
            {untilOf(event) && ` – ${untilOf(event)}`}
          </Text>
        </div>
      ))}
      {events.length > MOST && (
        <Text size="xs" c="dimmed">
          and {events.length - MOST} more: press to come nearer
        </Text>
      )}
    </Paper>
  );
}

function Picture({ partition, studyUid }: { partition: string; studyUid: string }) {
  const [isMissing, setMissing] = useState(false);
  const address = addressOf({ partition, studyUid });
  return isMissing ? null : (
    <img src={`${address}/thumbnail?accept=image/jpeg`} alt="" onError={() => setMissing(true)} />
  );
}
