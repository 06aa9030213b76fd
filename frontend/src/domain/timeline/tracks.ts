import { type Curve, curvesOf } from './curves';
import { LANE_TITLES, LANES, type Lane, type TimelineEvent } from './event';

/** So many rows of bars has a track; those beyond are dots. */
export const MOST_ROWS = 8;
/** What takes no more days is a dot: a visit is one, a stay is a bar. */
const LONGEST_DOT = 2;

export interface Bar {
  readonly event: TimelineEvent;
  readonly from: number;
  /** Infinite where it still runs. */
  readonly to: number;
  /** Whether its days are not known more exactly. */
  readonly isVague: boolean;
  readonly row: number;
}

/** A line of the chart: marks of a kind, or a curve. */
export interface Track {
  readonly key: string;
  readonly lane: Lane;
  readonly title: string;
  /** In the order of days; what has no date is not there. */
  readonly events: readonly TimelineEvent[];
  readonly dots: readonly TimelineEvent[];
  readonly bars: readonly Bar[];
  readonly rows: number;
  readonly curve: Curve | undefined;
}

/** Returns the tracks of events that are in the order of days. */
export function tracksOf(events: readonly TimelineEvent[]): readonly Track[] {
  const dated = events.filter(({ start }) => start !== undefined);
  return LANES.flatMap((lane) => {
    const own = dated.filter((event) => event.lane === lane);
    return lane === 'labs' ? labsOf(own) : marksOf(lane, LANE_TITLES[lane], own);
  });
}

function labsOf(events: readonly TimelineEvent[]): readonly Track[] {
  const { curves, others } = curvesOf(events);
  return [
    ...curves.map((curve) => ({
      key: `labs/${curve.key}`,
      lane: 'labs' as const,
      title: curve.title,
      events: curve.points.map(({ event }) => event),
      dots: [],
      bars: [],
      rows: 0,
      curve,
    })),
    ...marksOf('labs', curves.length > 0 ? 'Other findings' : LANE_TITLES.labs, others),
  ];
}

function marksOf(lane: Lane, title: string, events: readonly TimelineEvent[]): readonly Track[] {
  if (events.length === 0) {
    return [];
  }
  const { bars, left } = packed(events);
  const rows = bars.reduce((most, { row }) => Math.max(most, row + 1), 0);
  return [{ key: lane, lane, title, events, dots: left, bars, rows, curve: undefined }];
}

interface Packed {
  readonly bars: readonly Bar[];
  /** What is no bar, or has found no row. */
  readonly left: readonly TimelineEvent[];
}

/** Puts what takes longer into as few rows as can be, so that none lies over another. */
export function packed(events: readonly TimelineEvent[], most = MOST_ROWS): Packed {
  const ends: number[] = [];
  const bars: Bar[] = [];
  const left: TimelineEvent[] = [];
  for (const event of events) {
    const [from, last] = event.start ?? [0, 0];
    const to = Math.max(event.end ?? last, last) + 1;
    const found = ends.findIndex((end) => end <= from);
    const row = found === -1 ? ends.length : found;
    if (to - from <= LONGEST_DOT || event.lane === 'imaging' || row >= most) {
      left.push(event);
    } else {
      ends[row] = to;
      bars.push({ event, from, to, isVague: last > from, row });
    }
  }
  return { bars, left };
}
