import { readStudySearch, type StudySearch } from './studySearch';

/** A search of studies with its order and its columns, under a name. */
export interface SavedView {
  readonly name: string;
  readonly search: StudySearch;
}

export const MOST_VIEWS = 50;
export const LONGEST_NAME = 80;
/**
 * What tells who a patient is. A view is no record of patients, and not guarded as one: it
 * keeps what kind of studies somebody looks for, and never of whom.
 */
const OF_PATIENTS = ['accession', 'id', 'look', 'patient', 'words'] as const;

/** Returns a search as it may be kept. */
export function keptSearch(search: StudySearch): StudySearch {
  const ofPatients: ReadonlySet<string> = new Set(OF_PATIENTS);
  return Object.fromEntries(Object.entries(search).filter(([key]) => !ofPatients.has(key)));
}

/** Returns whether some of a search is not kept. */
export function namesPatients({ accession, id, patient, words }: StudySearch): boolean {
  return (accession ?? id ?? patient ?? words) !== undefined;
}

/** Returns the views that a browser has kept; what is none is left out. */
export function readViews(text: string | null): readonly SavedView[] {
  return asList(text)
    .flatMap((each) => {
      const { name, search } = asRecord(each);
      return typeof name === 'string' && name.trim()
        ? [{ name: name.slice(0, LONGEST_NAME), search: readStudySearch(asRecord(search)) }]
        : [];
    })
    .slice(0, MOST_VIEWS);
}

function asList(text: string | null): readonly unknown[] {
  try {
    const read: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(read) ? read : [];
  } catch {
    return [];
  }
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
