import { dateOf } from './days';
import { LANE_TITLES, type Lane, type TimelineEvent, titleOf } from './event';

export interface TableRow {
  readonly event: TimelineEvent;
  readonly when: string;
  readonly until: string;
  readonly what: string;
  readonly kind: string;
}

/** Returns the rows of the table that says what the chart shows. */
export function tableRows(
  events: readonly TimelineEvent[],
  isNewestFirst: boolean,
): readonly TableRow[] {
  const dated = events.filter(({ start }) => start !== undefined);
  const undated = events.filter(({ start }) => start === undefined);
  const ordered = isNewestFirst ? dated.toReversed() : dated;
  return [...ordered, ...undated].map((event) => ({
    event,
    when: whenOf(event),
    until: untilOf(event),
    what: titleOf(event),
    kind: kindOf(event),
  }));
}

/** Returns when something was: a day, a month, a year, or from one day to another. */
export function whenOf({ start, second }: Pick<TimelineEvent, 'second' | 'start'>): string {
  if (start === undefined) {
    return 'No date';
  }
  const [first, last] = start.map(dateOf);
  if (first === undefined || last === undefined || first === last) {
    const time = second === undefined ? '' : ` ${timeOf(second)}`;
    return `${first ?? ''}${time}`;
  }
  if (first.endsWith('-01-01') && last.endsWith('-12-31') && year(first) === year(last)) {
    return year(first);
  }
  const isMonth = first.slice(0, -3) === last.slice(0, -3) && first.endsWith('-01');
  return isMonth ? first.slice(0, -3) : `${first} to ${last}`;
}

function year(date: string): string {
  return date.slice(0, -6);
}

function timeOf(second: number): string {
  const minutes = Math.floor(second / 60);
  return [Math.floor(minutes / 60), minutes % 60]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
}

/** Returns until when something was; empty where it has no length. */
export function untilOf({ start, end }: TimelineEvent): string {
  if (end === undefined || end === start?.[1]) {
    return '';
  }
  return Number.isFinite(end) ? dateOf(end) : 'goes on';
}

const KINDS: Partial<Record<string, string>> = {
  IMAGING: 'Imaging',
  CONDITION: 'Condition',
  PROCEDURE: 'Procedure',
  MEDICATION: 'Drug',
  ALLERGY: 'Allergy',
  IMMUNIZATION: 'Vaccination',
  OBSERVATION: 'Finding',
  REPORT: 'Report',
  DOCUMENT: 'Document',
  ENCOUNTER: 'Encounter',
  ORDER: 'Order',
  DEVICE: 'Device',
  SPECIMEN: 'Specimen',
  CARE_PLAN: 'Plan of care',
};

export function kindOf({ kind, lane }: { readonly kind: string; readonly lane: Lane }): string {
  return KINDS[kind] ?? LANE_TITLES[lane];
}
