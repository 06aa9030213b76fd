import type { TimelineEvent } from './event';

export interface CurvePoint {
  readonly event: TimelineEvent;
  readonly day: number;
  readonly value: number;
}

/** What was measured by one code, in one unit, more than once. */
export interface Curve {
  readonly key: string;
  readonly title: string;
  readonly unit: string;
  readonly points: readonly CurvePoint[];
  readonly low: number;
  readonly high: number;
}

const NUMBER = /^[<>]?=?\s*(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/i;
const DAY_S = 86_400;

/** Returns the number of a value; of a bound (<5) the bound; undefined for none. */
export function numberOf(value: string): number | undefined {
  const found = NUMBER.exec(value.trim());
  return found ? Number(found[1]) : undefined;
}

/** Returns the curves of what was measured, those of most points first, and the rest. */
export function curvesOf(events: readonly TimelineEvent[]): {
  readonly curves: readonly Curve[];
  readonly others: readonly TimelineEvent[];
} {
  const groups = new Map<string, CurvePoint[]>();
  const others: TimelineEvent[] = [];
  for (const event of events) {
    const value = numberOf(event.value);
    if (value === undefined || event.start === undefined) {
      others.push(event);
      continue;
    }
    const key = `${event.code} ${event.unit}`;
    const day = event.start[0] + (event.second ?? 0) / DAY_S;
    const points = groups.get(key) ?? [];
    points.push({ event, day, value });
    groups.set(key, points);
  }
  const curves = [...groups].flatMap(([key, points]) => {
    if (points.length > 1) {
      return [curveOf(key, points)];
    }
    others.push(...points.map(({ event }) => event));
    return [];
  });
  others.sort((a, b) => (a.start?.[0] ?? 0) - (b.start?.[0] ?? 0));
  curves.sort((a, b) => b.points.length - a.points.length || a.title.localeCompare(b.title));
  return { curves, others };
}

function curveOf(key: string, points: CurvePoint[]): Curve {
  points.sort((a, b) => a.day - b.day);
  const values = points.map(({ value }) => value);
  const { label, unit } = points.at(-1)?.event ?? { label: '', unit: '' };
  return {
    key,
    title: label,
    unit,
    points,
    low: Math.min(...values),
    high: Math.max(...values),
  };
}

/** What is drawn of a curve in one column of pixels. */
export interface Column {
  readonly x: number;
  readonly low: number;
  readonly high: number;
  readonly last: CurvePoint;
  readonly count: number;
}

/**
 * Returns a column for each `step` pixels in which there are points, with all between
 * the lowest and the highest of them: a curve of any length is drawn in as many columns.
 *
 * One point before and one after those that are seen are there as well.
 */
export function columnsOf(
  points: readonly CurvePoint[],
  x: (day: number) => number,
  width: number,
  step = 3,
): readonly Column[] {
  const columns: Column[] = [];
  let before: CurvePoint | undefined;
  for (const point of points) {
    const at = x(point.day);
    if (at < 0) {
      before = point;
      continue;
    }
    if (before !== undefined) {
      columns.push(columnOf(before, x(before.day)));
      before = undefined;
    }
    const last = columns.at(-1);
    if (last !== undefined && last.x >= 0 && at - last.x < step) {
      columns[columns.length - 1] = {
        x: last.x,
        low: Math.min(last.low, point.value),
        high: Math.max(last.high, point.value),
        last: point,
        count: last.count + 1,
      };
    } else {
      columns.push(columnOf(point, at));
    }
    if (at > width) {
      break;
    }
  }
  if (before !== undefined) {
    columns.push(columnOf(before, x(before.day)));
  }
  return columns;
}

function columnOf(point: CurvePoint, x: number): Column {
  return { x, low: point.value, high: point.value, last: point, count: 1 };
}
