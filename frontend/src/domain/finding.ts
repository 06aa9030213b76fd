import type { AskedFilter } from './studySearch';

/** What a text in the one search box may mean. */
export interface Meant {
  /** The text is a UID, or begins one. */
  readonly uid: string | undefined;
  readonly byName: AskedFilter;
  readonly byId: AskedFilter;
  readonly byAccession: AskedFilter;
}

const UID = /^\d+(?:\.\d+){2,}$/;
export const SHORTEST = 2;

/** Returns what a text may mean; nothing where it is too short to ask for. */
export function meantBy(text: string): Meant | undefined {
  const asked = text.trim();
  if (asked.length < SHORTEST) {
    return undefined;
  }
  const beginning = /[*?]/.test(asked) ? asked : `${asked}*`;
  return {
    uid: UID.test(asked) && asked.length <= 64 ? asked : undefined,
    byName: { patientName: { anyOf: [asked], fuzzy: true } },
    byId: { patientId: { anyOf: [beginning] } },
    byAccession: { accessionNumber: { anyOf: [beginning] } },
  };
}

/** Returns each thing once, as it stands first. */
export function eachOnce<Thing extends { readonly id: string }>(
  things: readonly Thing[],
): readonly Thing[] {
  return [...new Map(things.map((thing) => [thing.id, thing])).values()];
}
