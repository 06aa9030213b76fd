import { dateOf, dayOf } from './days';
import { LANES, type Lane } from './event';
import type { View } from './scale';

/** What the address of a patient says beside its id. */
export interface TimelinePlace {
  readonly partition?: string;
  /** The days that are shown, 2020-01-31. */
  readonly from?: string;
  readonly to?: string;
  /** The lanes that are shown, by commas; all where there are none. */
  readonly lanes?: string;
  /** The event that is looked at, by its key. */
  readonly at?: string;
  /** UIDs of studies that are chosen to be seen beside each other, by commas. */
  readonly chosen?: string;
  /** `table`, where it is shown as one. */
  readonly as?: string;
  /** `1`, where what was not done or entered in error is shown as well. */
  readonly all?: string;
}

const KEYS = ['partition', 'from', 'to', 'lanes', 'at', 'chosen', 'as', 'all'] as const;
const LONGEST = 400;
export const MOST_CHOSEN = 2;

/** Returns what an address says, without what means nothing here. */
export function readTimelinePlace(given: Readonly<Record<string, unknown>>): TimelinePlace {
  const read = KEYS.flatMap((key) => {
    const value = given[key];
    return typeof value === 'string' && value ? [[key, value.slice(0, LONGEST)]] : [];
  });
  return Object.fromEntries(read);
}

export function lanesOf({ lanes }: TimelinePlace): ReadonlySet<Lane> {
  const named = LANES.filter((lane) => lanes?.split(',').includes(lane));
  return new Set(named.length > 0 ? named : LANES);
}

/** Writes lanes as addresses have them; nothing stands for all. */
export function writeLanes(lanes: ReadonlySet<Lane>): string {
  const named = LANES.filter((lane) => lanes.has(lane));
  return named.length === LANES.length ? '' : named.join(',');
}

export function placedView({ from, to }: TimelinePlace): View | undefined {
  const first = dayOf(from);
  const last = dayOf(to);
  return first === undefined || last === undefined || last <= first
    ? undefined
    : { from: first, to: last };
}

/** Writes the days that are shown. */
export function writeView({ from, to }: View): { readonly from: string; readonly to: string } {
  return { from: dateOf(from), to: dateOf(Math.max(to, from + 1)) };
}

export function chosenOf({ chosen }: TimelinePlace): readonly string[] {
  return [...new Set(chosen?.split(',').filter(Boolean) ?? [])].slice(-MOST_CHOSEN);
}

/** Chooses a study, or not any more; the one that was chosen first makes room. */
export function toggled(chosen: readonly string[], uid: string): readonly string[] {
  return chosen.includes(uid)
    ? chosen.filter((one) => one !== uid)
    : [...chosen, uid].slice(-MOST_CHOSEN);
}
