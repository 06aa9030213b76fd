import type { ViewedPage } from './savedView';
import { beginning } from './wildCards';

/** What the address of the worklist says: what is to be done, in what order. */
export interface WorklistSearch {
  /** The label of a worklist. */
  readonly label?: string;
  /** One of `STATES`; none: what is open. */
  readonly state?: string;
  /** Whose it is: `mine`, `forme`. */
  readonly whose?: string;
  readonly priority?: string;
  /** Whether it was to be done by now: `yes`. */
  readonly overdue?: string;
  /** The beginning of a patient ID; wild cards may be in it. */
  readonly patient?: string;
  readonly text?: string;
  /** One of `ORDERS`; none: the most urgent first. */
  readonly order?: string;
  /** The UID of the workitem that is shown beside the list. */
  readonly look?: string;
  readonly partition?: string;
}

export type State = 'CANCELED' | 'COMPLETED' | 'IN_PROGRESS' | 'SCHEDULED';
export type Priority = 'HIGH' | 'LOW' | 'MEDIUM';
export type Order = 'CHANGED' | 'DUE' | 'START' | 'URGENCY';

/** The part of the graph's `WorkitemFilter` that the page asks for. */
export interface AskedWork {
  readonly state?: readonly State[];
  readonly label?: readonly string[];
  readonly priority?: readonly Priority[];
  readonly overdue?: boolean;
  readonly patient?: { readonly patientId: string };
  readonly performer?: string;
  readonly claimedByMe?: boolean;
  readonly text?: string;
}

/** What the list may be narrowed to by state, as the address says it. */
export const STATES = [
  { key: 'open', label: 'Open', states: ['SCHEDULED', 'IN_PROGRESS'] },
  { key: 'scheduled', label: 'Scheduled', states: ['SCHEDULED'] },
  { key: 'progress', label: 'In progress', states: ['IN_PROGRESS'] },
  { key: 'completed', label: 'Completed', states: ['COMPLETED'] },
  { key: 'canceled', label: 'Canceled', states: ['CANCELED'] },
] as const satisfies readonly {
  key: string;
  label: string;
  states: readonly State[];
}[];

/** No number of workitems is above it: that means so many or more. */
export const MOST_COUNTED = 1_000;

export type StateKey = (typeof STATES)[number]['key'];

export const PRIORITIES = ['HIGH', 'MEDIUM', 'LOW'] as const;
export const ORDERS = ['START', 'DUE', 'CHANGED'] as const;
export const WHOSE = ['mine', 'forme'] as const;

export const WORKLIST_VIEWS: ViewedPage = {
  to: '/worklist',
  ofPatients: ['look', 'patient', 'text'],
  wordsOfPatients: 'Words and patient ID',
};

const TEXTS = ['label', 'look', 'partition', 'patient', 'text'] as const;
const CHOICES = {
  order: ORDERS,
  overdue: ['yes'],
  priority: PRIORITIES,
  state: STATES.map(({ key }) => key).filter((key) => key !== 'open'),
  whose: WHOSE,
} as const;
const NARROWING = ['label', 'overdue', 'patient', 'priority', 'state', 'text', 'whose'] as const;
const LONGEST = 200;

/** Returns what an address says, without what means nothing here. */
export function readWorklistSearch(given: Readonly<Record<string, unknown>>): WorklistSearch {
  const texts = TEXTS.flatMap((key) => {
    const value = given[key];
    return typeof value === 'string' && value.trim() ? [[key, value.trim().slice(0, LONGEST)]] : [];
  });
  const choices = Object.entries(CHOICES).flatMap(([key, values]) => {
    const value = values.find((one) => one === given[key]);
    return value === undefined ? [] : [[key, value]];
  });
  return Object.fromEntries([...texts, ...choices]);
}

/** Returns what a search asks for, whatever the state, of an account by its name. */
export function workOf(search: WorklistSearch, me: string): AskedWork {
  const { label, overdue, patient, text, whose } = search;
  const priority = PRIORITIES.find((one) => one === search.priority);
  return {
    ...(label && { label: [label] }),
    ...(priority && { priority: [priority] }),
    ...(overdue && { overdue: true }),
    ...(patient && { patient: { patientId: beginning(patient) } }),
    ...(whose === 'mine' && { claimedByMe: true }),
    ...(whose === 'forme' && me && { performer: me }),
    ...(text && { text }),
  };
}

/** Returns which states a search lists. */
export function statesOf({ state }: WorklistSearch): readonly State[] {
  return (STATES.find(({ key }) => key === state) ?? STATES[0]).states;
}

export function orderOf({ order }: WorklistSearch): Order {
  return ORDERS.find((one) => one === order) ?? 'URGENCY';
}

/** Returns whether a search leaves out anything that is open, or lists something else. */
export function isWorkNarrowed(search: WorklistSearch): boolean {
  return NARROWING.some((key) => search[key] !== undefined);
}
