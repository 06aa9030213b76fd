import type { Part } from './criteria';
import { nounOf } from './leafWords';

/** A kind of criterion that can be added, from one typed value or what is saved. */
export interface Addable {
  readonly key: string;
  readonly label: string;
  readonly placeholder?: string;
  /** Returns the criterion; undefined where what is typed means nothing. */
  readonly make?: (typed: string) => Part | undefined;
  /** What of the saved it may be as well. */
  readonly saved?: 'COHORT' | 'SET';
  /** Returns the criterion of something saved, by what criteria name it by. */
  readonly named?: (name: string) => Part;
}

const CODED = ['condition', 'medication', 'procedure', 'observation', 'encounter', 'allergy'];
const GENDERS: ReadonlySet<string> = new Set(['female', 'male', 'other', 'unknown']);
const OLDEST = 150;

export const ADDABLE: readonly Addable[] = [
  ...CODED.map((type) => ({
    key: type,
    label: nounOf(type),
    placeholder: 'what it is called',
    make: (typed: string) => ({ event: { type, code: { text: typed } } }),
    saved: 'SET' as const,
    named: (set: string) => ({ event: { type, code: { set } } }),
  })),
  {
    key: 'imaging',
    label: 'Imaging',
    placeholder: 'modality, such as CT',
    make: (typed) => {
      const modality = typed.toUpperCase();
      return /^[A-Z0-9_]{1,16}$/.test(modality)
        ? { event: { type: 'imaging', modality: [modality] } }
        : undefined;
    },
  },
  {
    key: 'report',
    label: 'Text of a report',
    placeholder: 'words that it says',
    make: (typed) => ({ event: { type: 'report', text: { phrase: typed } } }),
  },
  { key: 'oldest', label: 'Age at most', placeholder: 'years', make: (t) => aged('lte', t) },
  { key: 'youngest', label: 'Age at least', placeholder: 'years', make: (t) => aged('gte', t) },
  {
    key: 'gender',
    label: 'Sex',
    placeholder: 'female, male, other, unknown',
    make: (typed) =>
      GENDERS.has(typed.toLowerCase()) ? { patient: { gender: typed.toLowerCase() } } : undefined,
  },
  { key: 'cohort', label: 'In a saved cohort', saved: 'COHORT', named: (cohort) => ({ cohort }) },
];

function aged(bound: 'gte' | 'lte', typed: string): Part | undefined {
  const years = Number(typed);
  return /^\d{1,3}$/.test(typed) && years <= OLDEST
    ? { patient: { age: { [bound]: years } } }
    : undefined;
}
