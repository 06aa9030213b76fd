import { readTimeline, type TimelineEvent } from '~/domain/timeline/event';

export const COLUMNS = [
  'kind',
  'startFirst',
  'startLast',
  'second',
  'endFirst',
  'endLast',
  'label',
  'system',
  'code',
  'category',
  'value',
  'unit',
  'status',
  'isCounted',
  'resource',
  'studies',
];

let number = 0;

/** A row of the graph's time line, with nothing but what is said. */
export function rowOf(kind: string, date: string | null, more: Record<string, unknown> = {}) {
  number += 1;
  const values: Record<string, unknown> = {
    kind,
    startFirst: date,
    startLast: date,
    label: kind.toLowerCase(),
    value: '',
    unit: '',
    isCounted: true,
    resource: `Thing/${number}`,
    studies: [],
    ...more,
  };
  return COLUMNS.map((name) => values[name] ?? null);
}

export function eventOf(
  kind: string,
  date: string | null,
  more: Record<string, unknown> = {},
): TimelineEvent {
  const [event] = readTimeline({ columns: COLUMNS, rows: [rowOf(kind, date, more)] });
  if (event === undefined) {
    throw new Error('no event');
  }
  return event;
}
