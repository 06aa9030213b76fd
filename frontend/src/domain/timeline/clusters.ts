import type { TimelineEvent } from './event';

/** Events that lie too close to each other for a dot each. */
export interface Cluster {
  readonly x: number;
  readonly events: readonly TimelineEvent[];
  readonly first: number;
  readonly last: number;
}

/**
 * Returns the dots of events in the order of days, those closer than `gap` pixels as one.
 *
 * So there are never more than the width has room for.
 */
export function clustersOf(
  events: readonly TimelineEvent[],
  x: (day: number) => number,
  width: number,
  gap = 18,
): readonly Cluster[] {
  const clusters: Cluster[] = [];
  let open: { events: TimelineEvent[]; first: number; last: number } | undefined;
  const middleOf = ({ first, last }: { first: number; last: number }) => x((first + last + 1) / 2);
  const close = () => {
    if (open !== undefined) {
      clusters.push({ ...open, x: middleOf(open) });
    }
    open = undefined;
  };
  for (const event of events) {
    const day = event.start?.[0];
    if (day === undefined) {
      continue;
    }
    const at = x(day + 0.5);
    if (at < -gap) {
      continue;
    }
    if (at > width + gap) {
      break;
    }
    if (open !== undefined && at - middleOf(open) < gap) {
      open.events.push(event);
      open.last = Math.max(open.last, day);
    } else {
      close();
      open = { events: [event], first: day, last: day };
    }
  }
  close();
  return clusters;
}
