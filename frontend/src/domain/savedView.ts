import { readStudySearch } from './studySearch';

/** A list with its filters, its order and its columns, under a name. */
export interface SavedView {
  readonly name: string;
  /** What stands in the address of the list. */
  readonly search: Readonly<Record<string, string>>;
}

/** A page whose lists are kept as views. */
export interface ViewedPage {
  readonly to: '/studies' | '/worklist';
  /** Keys of the address that tell who a patient is. */
  readonly ofPatients: readonly string[];
  /** The same in words, as a sentence begins. */
  readonly wordsOfPatients: string;
}

export const MOST_VIEWS = 50;
export const LONGEST_NAME = 80;
/** The key that names the page of a view; views of studies have none, as the first ones. */
const PAGE = 'page';
const FIRST_PAGE = '/studies';

/** Returns the page of a view, and what stands in the page's address, as it was kept. */
export function readKept({ page = FIRST_PAGE, ...search }: Readonly<Record<string, string>>) {
  return { page, search };
}

/**
 * Returns a search as it may be kept.
 *
 * A view is no record of patients, and not guarded as one: it keeps what kind of things
 * somebody looks for, and never of whom.
 */
export function keptSearch(
  { to, ofPatients }: ViewedPage,
  search: object,
): Readonly<Record<string, string>> {
  const kept = Object.entries(search).filter(([key]) => !ofPatients.includes(key));
  return { ...Object.fromEntries(kept), ...(to !== FIRST_PAGE && { [PAGE]: to }) };
}

/** Returns whether some of a search is not kept because it tells of patients. */
export function namesPatients({ ofPatients }: ViewedPage, search: object): boolean {
  const given = new Set(Object.keys(search));
  return ofPatients.some((key) => key !== 'look' && given.has(key));
}

/** Returns the views of studies that a browser has kept; what is none is left out. */
export function readViews(text: string | null): readonly SavedView[] {
  return asList(text)
    .flatMap((each) => {
      const { name, search } = asRecord(each);
      return typeof name === 'string' && name.trim()
        ? [{ name: name.slice(0, LONGEST_NAME), search: { ...readStudySearch(asRecord(search)) } }]
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
