/** An event in days from day 0. */
export interface DatedEvent {
  readonly startFirst: number | null;
  readonly startLast: number | null;
  readonly endLast: number | null;
  readonly isRunning: boolean;
  readonly event: { readonly kind: string };
}

/** Where an event is drawn, in hundredths of the width. */
export interface Mark<Event> {
  readonly event: Event;
  readonly left: number;
  readonly width: number;
}

export interface Lane<Event> {
  readonly kind: string;
  readonly marks: readonly Mark<Event>[];
}

export interface Lanes<Event> {
  readonly lanes: readonly Lane<Event>[];
  /** Where day 0 is. */
  readonly zero: number;
  readonly first: number;
  readonly last: number;
  /** Events that have no date. */
  readonly undated: number;
}

/** Returns a lane for each kind of events, in the order in which they come. */
export function lanesOf<Event extends DatedEvent>(events: readonly Event[]): Lanes<Event> {
  const dated = events.flatMap((event) =>
    event.startFirst === null ? [] : [{ event, start: event.startFirst }],
  );
  const ends = dated.map(({ event, start }) => event.endLast ?? event.startLast ?? start);
  const first = dated.reduce((least, { start }) => Math.min(least, start), 0);
  const last = ends.reduce((most, end) => Math.max(most, end), 0);
  const percent = (day: number) => (100 * (day - first)) / Math.max(last - first, 1);
  const byKind = new Map<string, Mark<Event>[]>();
  for (const { event, start } of dated) {
    const end = event.isRunning ? last : (event.endLast ?? event.startLast ?? start);
    const mark = { event, left: percent(start), width: percent(end) - percent(start) };
    byKind.set(event.event.kind, [...(byKind.get(event.event.kind) ?? []), mark]);
  }
  return {
    lanes: [...byKind].map(([kind, marks]) => ({ kind, marks })),
    zero: percent(0),
    first,
    last,
    undated: events.length - dated.length,
  };
}

/** Returns a day as people read it: day 12, day −3. */
export function dayWords(day: number): string {
  return `day ${day < 0 ? `\u2212${-day}` : day}`;
}
