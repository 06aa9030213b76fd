import { type ChartFilter, readFilters, writeFilters } from './chartFilter';
import { type Criteria, readCriteria } from './criteria';

/** What the address of the page of questions says. */
export interface AskSearch {
  /** The question in English. */
  readonly q?: string;
  /** The day that counts as now: 2026-01-01. */
  readonly now?: string;
  /** The keys of assumptions that are taken the other way, by commas. */
  readonly switched?: string;
  /** Criteria that were edited by hand, as JSON: they come before those of the question. */
  readonly criteria?: string;
  /** What charts are filtered by, as JSON. */
  readonly filter?: string;
  /** The place of the output that is shown; patients if none. */
  readonly tab?: string;
  readonly partition?: string;
  /** The project that is asked within. */
  readonly project?: string;
}

const KEYS = ['q', 'now', 'switched', 'criteria', 'filter', 'tab', 'partition', 'project'] as const;
/** As many characters as the server reads of a question. */
export const LONGEST_QUESTION = 2_000;
const LONGEST = 20_000;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** Returns what an address says, without what means nothing here. */
export function readAskSearch(given: Readonly<Record<string, unknown>>): AskSearch {
  const read = KEYS.flatMap((key) => {
    const value = given[key];
    return typeof value === 'string' && value.trim() && value.length <= LONGEST
      ? [[key, value.trim()]]
      : [];
  });
  return Object.fromEntries(read);
}

/** Returns the day that counts as now; undefined: today. */
export function dayOf({ now = '' }: AskSearch): string | undefined {
  return DAY.test(now) && !Number.isNaN(Date.parse(now)) ? now : undefined;
}

export function switchedOf({ switched = '' }: AskSearch): readonly string[] {
  return switched.split(',').filter(Boolean);
}

/** Returns the keys of what is switched, with one more or without it. */
export function withSwitched(search: AskSearch, key: string): string {
  const before = switchedOf(search);
  const others = before.filter((each) => each !== key);
  return (others.length < before.length ? others : [...before, key]).join(',');
}

/** Returns the criteria that were edited by hand; undefined: none, or none that are any. */
export function editedOf({ criteria }: AskSearch): Criteria | undefined {
  return criteria === undefined ? undefined : readCriteria(criteria);
}

export function filtersOf({ filter }: AskSearch): readonly ChartFilter[] {
  return readFilters(filter);
}

/** Returns what filters by charts, with a value more or without it, for an address. */
export function withFilter(search: AskSearch, filter: ChartFilter): string {
  const before = filtersOf(search);
  const others = before.filter(
    ({ chart, value }) => chart !== filter.chart || value !== filter.value,
  );
  return writeFilters(others.length < before.length ? others : [...before, filter]);
}
