import { isPart, kindOf, type Part, type Path } from './criteria';

/** A value of a criterion that can be changed. */
export interface Field {
  /** From the node. */
  readonly path: Path;
  readonly label: string;
  readonly value: number | string | boolean | readonly string[];
}

const NOUNS: Readonly<Record<string, string>> = {
  condition: 'Condition',
  medication: 'Medication',
  procedure: 'Procedure',
  observation: 'Observation',
  encounter: 'Encounter',
  allergy: 'Allergy',
  immunization: 'Immunization',
  report: 'Report',
  imaging: 'Imaging',
  device: 'Device',
  specimen: 'Specimen',
};
const PLURALS: Readonly<Record<string, string>> = {
  allergy: 'Allergies',
  imaging: 'Studies',
};

/** Returns what an event is called: Condition. */
export function nounOf(type: unknown): string {
  return NOUNS[String(type)] ?? String(type);
}

/** Returns what a list of some output is called: Medications, Studies, Reports. */
export function listName(what: string): string {
  const noun = nounOf(what);
  return PLURALS[what] ?? `${noun.charAt(0).toUpperCase()}${noun.slice(1)}s`;
}

/** What is saved is called, by its key. */
export type Names = ReadonlyMap<string, string>;
const NO_NAMES: Names = new Map();

/** Returns what a criterion is about, in few words: Condition: osteosarcoma. */
export function titleOf(node: Part, names: Names = NO_NAMES): string {
  const kind = kindOf(node);
  const leaf = kind === undefined ? undefined : node[kind];
  if (kind === 'event' && isPart(leaf)) {
    const named = conceptWords(leaf['code'], names) ?? listWords(leaf['modality']);
    return named ? `${nounOf(leaf['type'])}: ${named}` : nounOf(leaf['type']);
  }
  if (kind === 'patient' && isPart(leaf)) {
    const members = Object.keys(leaf).map((key) => WORDS[key] ?? key);
    return `Patient: ${members.join(', ').toLowerCase()}`;
  }
  if (kind === 'not' && isPart(leaf)) {
    return `Not: ${titleOf(leaf, names)}`;
  }
  if (kind === 'cohort') {
    return `In the cohort ${names.get(String(leaf)) ?? String(leaf)}`;
  }
  return kind === 'any' ? 'Any of several' : 'Several';
}

function listWords(value: unknown): string | undefined {
  return Array.isArray(value) && value.length > 0 ? value.map(String).join(', ') : undefined;
}

function conceptWords(concept: unknown, names: Names): string | undefined {
  if (!isPart(concept)) {
    return undefined;
  }
  const { text, codes, anyOf, set } = concept;
  if (Array.isArray(codes)) {
    return listWords(codes.map((each) => (isPart(each) ? each['code'] : each)));
  }
  if (Array.isArray(anyOf)) {
    return anyOf.flatMap((each) => conceptWords(each, names) ?? []).join(' or ') || undefined;
  }
  if (set !== undefined) {
    return names.get(String(set)) ?? String(set);
  }
  return text === undefined ? undefined : String(text);
}

const WORDS: Readonly<Record<string, string>> = {
  age: 'Age',
  birth: 'Born',
  body: 'Body part',
  code: '',
  contains: 'contains',
  count: 'Number',
  creator: 'Creator',
  deceased: 'Has died',
  during: 'While',
  eq: 'exactly',
  exists: 'is there',
  from: 'From',
  gender: 'Sex',
  gt: 'more than',
  gte: 'at least',
  instances: 'Images',
  last: 'In the last',
  lt: 'less than',
  lte: 'at most',
  modality: 'Modality',
  near: 'Around',
  phrase: 'says',
  pick: 'Which',
  text: 'Called',
  to: 'To',
  unit: 'Unit',
  value: 'Value',
  when: '',
};
/** What has no field of its own: what an event is, and how others name it. */
const FIXED: ReadonlySet<string> = new Set([
  ...['as', 'at', 'descendants', 'same', 'set', 'system', 'type'],
]);

/** Returns all values of a criterion that can be changed, in the order of writing. */
export function fieldsOf(node: Part): readonly Field[] {
  const kind = kindOf(node);
  if (kind !== 'event' && kind !== 'patient') {
    return [];
  }
  return valuesBelow(node[kind], [kind]);
}

function valuesBelow(value: unknown, path: Path): readonly Field[] {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
    return [{ path, label: labelOf(path), value }];
  }
  if (isTexts(value)) {
    return [{ path, label: labelOf(path), value }];
  }
  if (typeof value !== 'object' || value === null) {
    return [];
  }
  return Object.entries(value)
    .filter(([key]) => !FIXED.has(key))
    .flatMap(([key, each]) => valuesBelow(each, [...path, Array.isArray(value) ? +key : key]));
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every((e) => typeof e === 'string');
}

/** Text of a report is no name: `text.phrase` says what it says. */
function labelOf(path: Path): string {
  const keys = path.slice(1).filter((key) => typeof key === 'string');
  const words = keys.map((key, at) => {
    const isOuter = key === 'text' && at < keys.length - 1;
    return isOuter ? 'Text' : (WORDS[key] ?? key);
  });
  const said = words.filter((word, at) => word !== '' && !(word === 'Called' && at > 1));
  const text = said.join(' ').trim();
  return text.charAt(0).toUpperCase() + text.slice(1).toLowerCase();
}
