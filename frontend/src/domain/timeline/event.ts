import { dayOf } from './days';

export const LANES = [
  'imaging',
  'conditions',
  'procedures',
  'drugs',
  'labs',
  'reports',
  'encounters',
  'others',
] as const;

export type Lane = (typeof LANES)[number];

export const LANE_TITLES: Readonly<Record<Lane, string>> = {
  imaging: 'Imaging',
  conditions: 'Conditions',
  procedures: 'Procedures',
  drugs: 'Drugs',
  labs: 'Labs and findings',
  reports: 'Reports',
  encounters: 'Encounters',
  others: 'Others',
};

const LANE_OF_KIND: Readonly<Record<string, Lane>> = {
  IMAGING: 'imaging',
  CONDITION: 'conditions',
  PROCEDURE: 'procedures',
  MEDICATION: 'drugs',
  OBSERVATION: 'labs',
  REPORT: 'reports',
  DOCUMENT: 'reports',
  ENCOUNTER: 'encounters',
};

/** The end of what still runs, as the graph writes it. */
const STILL_RUNS = '9999-12-31';

/** Something that happened to a patient. */
export interface TimelineEvent {
  /** What it is called in addresses. */
  readonly key: string;
  readonly lane: Lane;
  readonly kind: string;
  readonly label: string;
  readonly code: string;
  readonly category: string;
  readonly value: string;
  readonly unit: string;
  readonly status: string;
  /** Whether its status leaves it in. */
  readonly isCounted: boolean;
  /** Type and id of the resource that tells of it; empty of images alone. */
  readonly resource: string;
  readonly studies: readonly string[];
  /** The days that it can have begun on; undefined without a date. */
  readonly start: readonly [number, number] | undefined;
  readonly second: number | undefined;
  /** The last day that it can have ended on; infinite of what still runs. */
  readonly end: number | undefined;
}

export interface Told {
  readonly columns: readonly string[];
  readonly rows: unknown;
}

/** Reads the rows of the graph's time line, whatever the order of their columns. */
export function readTimeline({ columns, rows }: Told): readonly TimelineEvent[] {
  const places = new Map(columns.map((name, at) => [name, at]));
  const known = new Map<string, number>();
  return (Array.isArray(rows) ? rows : []).map((row: unknown) => {
    const values = Array.isArray(row) ? row : [];
    const event = read((name) => values[places.get(name) ?? -1]);
    const number = (known.get(event.key) ?? 0) + 1;
    known.set(event.key, number);
    // The components of an observation are told by one resource.
    return number === 1 ? event : { ...event, key: `${event.key}.${number}` };
  });
}

function read(value: (name: string) => unknown): TimelineEvent {
  const text = (name: string) => String(value(name) ?? '');
  const kind = text('kind');
  const studies = (value('studies') ?? []) as readonly string[];
  const first = dayOf(text('startFirst'));
  const last = dayOf(text('startLast')) ?? first;
  const lane = LANE_OF_KIND[kind] ?? 'others';
  const second = value('second');
  const ended = text('endLast');
  return {
    key: (lane === 'imaging' && studies[0]) || text('resource'),
    lane,
    kind,
    label: text('label') || text('category') || text('code') || 'Without a name',
    code: `${text('system')}|${text('code') || text('label')}`,
    category: text('category'),
    value: text('value'),
    unit: text('unit'),
    status: text('status'),
    isCounted: value('isCounted') !== false,
    resource: text('resource'),
    studies,
    start: first === undefined || last === undefined ? undefined : [first, last],
    second: typeof second === 'number' ? second : undefined,
    end: ended === STILL_RUNS ? Number.POSITIVE_INFINITY : dayOf(ended),
  };
}

/** Returns what an event is called in a line: modalities before what was done. */
export function titleOf(event: TimelineEvent): string {
  const { lane, label, category, value, unit } = event;
  if (lane === 'imaging' && category && category !== label) {
    return `${category}: ${label}`;
  }
  return value ? `${label}: ${[value, unit].filter(Boolean).join(' ')}` : label;
}
