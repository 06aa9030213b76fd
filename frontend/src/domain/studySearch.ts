import { dicomDate, typedDate } from './dicomDate';
import { type Choices, FACET_KEYS, FACETS, readValues } from './facet';
import type { ViewedPage } from './savedView';
import { beginning, containing } from './wildCards';

/** What the address of the list of studies says: which, in what order. */
export interface StudySearch extends Choices {
  /** Words that stand anywhere in the text of a study. */
  readonly words?: string;
  readonly patient?: string;
  readonly id?: string;
  readonly accession?: string;
  readonly description?: string;
  /** The first and the last date, 2020-01-31. */
  readonly from?: string;
  readonly until?: string;
  readonly partition?: string;
  /** The name of a project of that partition, whose studies are listed. */
  readonly project?: string;
  /** A keyword of `SORTABLE`, with a minus before it in descending order. */
  readonly sort?: string;
  /** The UID of the study that quick look shows. */
  readonly look?: string;
  /** Keys of the columns that are shown, by commas; else those that the browser keeps. */
  readonly columns?: string;
}

export const TEXT_KEYS = [
  'words',
  'patient',
  'id',
  'accession',
  'description',
  'from',
  'until',
  'partition',
  'project',
  ...FACET_KEYS,
] as const;

export const SORTABLE = [
  'StudyDate',
  'PatientName',
  'PatientID',
  'PatientSex',
  'PatientBirthDate',
  'StudyDescription',
  'AccessionNumber',
] as const;

export type Sortable = (typeof SORTABLE)[number];

export const STUDY_VIEWS: ViewedPage = {
  to: '/studies',
  ofPatients: ['accession', 'id', 'look', 'patient', 'words'],
  wordsOfPatients: 'Words, patient name, patient ID and accession number',
};

const LONGEST = 200;
/** Of all values that are chosen of a facet: addresses have an end. */
const LONGEST_CHOICE = 2_000;

const CHOICES: ReadonlySet<string> = new Set(FACET_KEYS);

/** Returns what an address says, without what means nothing here. */
export function readStudySearch(given: Readonly<Record<string, unknown>>): StudySearch {
  const read: Record<string, string> = {};
  for (const key of [...TEXT_KEYS, 'look', 'columns']) {
    const value = given[key];
    if (typeof value === 'string' && value.trim()) {
      read[key] = value.trim().slice(0, CHOICES.has(key) ? LONGEST_CHOICE : LONGEST);
    }
  }
  const { keyword } = sortOf(given['sort']);
  return { ...read, ...(keyword && { sort: String(given['sort']) }) };
}

/** Returns what a search is sorted by. */
export function sortOf(sort: unknown): { keyword: Sortable | undefined; isDescending: boolean } {
  const text = typeof sort === 'string' ? sort : '';
  const isDescending = text.startsWith('-');
  const keyword = SORTABLE.find((one) => one === text.replace(/^-/, ''));
  return { keyword, isDescending };
}

interface TextMatch {
  readonly anyOf: readonly string[];
}

/** The part of the graph's `StudyFilter` that the page asks for. */
export interface AskedFilter {
  readonly words?: string;
  readonly patientName?: TextMatch & { readonly fuzzy: boolean };
  readonly patientId?: TextMatch;
  readonly accessionNumber?: TextMatch;
  readonly studyDescription?: TextMatch;
  readonly studyDate?: { readonly from?: string; readonly until?: string };
  readonly facets?: readonly (TextMatch & { readonly name: (typeof FACETS)[number]['name'] })[];
}

/** Returns the graph's filter for a search; null: all studies. */
export function filterOf(search: StudySearch): AskedFilter | null {
  const from = dicomDate(typedDate(search.from ?? '', 'from'));
  const until = dicomDate(typedDate(search.until ?? '', 'until'));
  const facets = FACETS.map(({ key, name }) => ({ name, anyOf: readValues(search[key]) })).filter(
    ({ anyOf }) => anyOf.length > 0,
  );
  const filter: AskedFilter = {
    ...(search.words && { words: search.words }),
    ...(search.patient && { patientName: { anyOf: [search.patient], fuzzy: true } }),
    ...(search.id && { patientId: { anyOf: [beginning(search.id)] } }),
    ...(search.accession && { accessionNumber: { anyOf: [beginning(search.accession)] } }),
    ...(search.description && { studyDescription: { anyOf: [containing(search.description)] } }),
    ...((from || until) && { studyDate: { ...(from && { from }), ...(until && { until }) } }),
    ...(facets.length > 0 && { facets }),
  };
  return Object.keys(filter).length > 0 ? filter : null;
}

/** Returns whether a search leaves anything out. */
export function isNarrowed(search: StudySearch): boolean {
  return TEXT_KEYS.some((key) => search[key] !== undefined);
}
