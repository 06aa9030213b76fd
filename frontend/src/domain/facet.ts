/** What studies are counted by, in the order in which it is offered. */
export interface Facet {
  /** What it is called in the address of the list. */
  readonly key: FacetKey;
  readonly name: FacetName;
  readonly title: string;
  /** Whether its values tell who patients are: asked for by who may see that. */
  readonly isOfPatients?: boolean;
  /** Whether its values have an order of their own: the last one first. */
  readonly isOrdered?: boolean;
  /** What values are called that are codes. */
  readonly words?: Readonly<Record<string, string>>;
}

type FacetName = 'BODY_PART' | 'MANUFACTURER_MODEL' | 'MODALITY' | 'PATIENT_SEX' | 'STUDY_YEAR';

export const FACET_KEYS = ['modality', 'body', 'model', 'year', 'sex'] as const;
export type FacetKey = (typeof FACET_KEYS)[number];

const SEXES = { F: 'Female', M: 'Male', O: 'Other' };

/** A further one is a line here, its key, and its name in the graph. */
export const FACETS: readonly Facet[] = [
  { key: 'modality', name: 'MODALITY', title: 'Modality' },
  { key: 'body', name: 'BODY_PART', title: 'Body part' },
  { key: 'model', name: 'MANUFACTURER_MODEL', title: 'Model' },
  { key: 'year', name: 'STUDY_YEAR', title: 'Year', isOfPatients: true, isOrdered: true },
  { key: 'sex', name: 'PATIENT_SEX', title: 'Sex', words: SEXES },
];

/** What is chosen, by the keys of facets: values as `writeValues` has them. */
export type Choices = { readonly [Key in FacetKey]?: string };

/** A value, and how many studies have it; undefined until, or where, that is not counted. */
export interface FacetValue {
  readonly value: string;
  readonly count: number | undefined;
}

/** As many as the graph takes of a facet, and tells. */
export const MOST_VALUES = 50;

/** Returns the values that an address names: by commas, `\,` in a value. */
export function readValues(text: string | undefined): readonly string[] {
  const found = (text ?? '').match(/(?:[^\\,]|\\.?)+/gs) ?? [];
  const values = found.map((each) => each.replace(/\\(.)/gs, '$1').trim());
  return [...new Set(values)].filter(Boolean).slice(0, MOST_VALUES);
}

export function writeValues(values: readonly string[]): string {
  return values.map((value) => value.replace(/[\\,]/g, '\\$&')).join(',');
}

/** Returns a choice with a value more, or without it. */
export function withValue(text: string | undefined, value: string): string {
  const values = readValues(text);
  const others = values.filter((one) => one !== value);
  return writeValues(others.length < values.length ? others : [...values, value]);
}

/** Returns what people call a value. */
export function wordsOfValue({ words }: Facet, value: string): string {
  return words?.[value] ?? value;
}

/**
 * Returns the values to choose from: those that were counted, and what is chosen besides.
 *
 * @param counted - The most frequent first.
 */
export function offered(
  facet: Facet,
  counted: readonly FacetValue[],
  chosen: readonly string[],
): readonly FacetValue[] {
  const known = new Set(counted.map(({ value }) => value));
  // All are told where they are few: what is not there is in no study then.
  const count = counted.length < MOST_VALUES ? 0 : undefined;
  const missing = chosen.filter((value) => !known.has(value)).map((value) => ({ value, count }));
  const all = [...counted, ...missing];
  return facet.isOrdered ? all.toSorted((a, b) => (a.value < b.value ? 1 : -1)) : all;
}
