import { type PersonName, readableName } from './personName';
import { joined } from './plainText';
import type { Priority, State } from './worklistSearch';

/** States in words: never by a colour alone. */
export const STATE_WORDS: Readonly<Record<State, string>> = {
  CANCELED: 'Canceled',
  COMPLETED: 'Completed',
  IN_PROGRESS: 'In progress',
  SCHEDULED: 'Scheduled',
};

export const PRIORITY_WORDS: Readonly<Record<Priority, string>> = {
  HIGH: 'High',
  LOW: 'Low',
  MEDIUM: 'Medium',
};

export type Happening =
  | 'ASSIGNED'
  | 'CANCEL_REQUESTED'
  | 'CHANGED'
  | 'CREATED'
  | 'PROGRESS'
  | 'READINESS'
  | 'STATE';

const HAPPENED: Readonly<Record<Exclude<Happening, 'STATE'>, string>> = {
  ASSIGNED: 'assigned',
  CANCEL_REQUESTED: 'asked to be canceled',
  CHANGED: 'changed',
  CREATED: 'scheduled',
  PROGRESS: 'progress told',
  READINESS: 'what it works on told to be there, or not',
};

const BECAME: Readonly<Record<State, string>> = {
  CANCELED: 'canceled',
  COMPLETED: 'completed',
  IN_PROGRESS: 'claimed',
  SCHEDULED: 'scheduled',
};

interface Happened {
  readonly happened: readonly Happening[];
  readonly state: State;
}

/** Returns what happened to a workitem, as a sentence begins. */
export function happenedWords({ happened, state }: Happened): string {
  const words = happened.map((one) => (one === 'STATE' ? BECAME[state] : HAPPENED[one]));
  const text = [...new Set(words)].join(', ');
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

interface Performer {
  readonly name?: PersonName | null | undefined;
  readonly code?: { readonly value: string } | null | undefined;
}

interface Assigned {
  readonly state: State;
  readonly claimedBy?: string | null | undefined;
  readonly scheduledPerformers: readonly Performer[];
}

/** Returns who does it, has done it, or is to do it; empty: whoever may. */
export function performersOf({ state, claimedBy, scheduledPerformers }: Assigned): string {
  if (claimedBy) {
    return claimedBy;
  }
  if (state !== 'SCHEDULED') {
    return '';
  }
  const names = joined(scheduledPerformers.map(performerName), ', ');
  return names && `for ${names}`;
}

/** Returns whether somebody may take it without taking it from others. */
export function isFor({ scheduledPerformers }: Pick<Assigned, 'scheduledPerformers'>, me: string) {
  return (
    scheduledPerformers.length === 0 || scheduledPerformers.some(({ code }) => code?.value === me)
  );
}

/** Returns who a performer is: the account where it is one, else the name. */
export function performerName({ name, code }: Performer): string {
  return code?.value || readableName(name);
}

interface Taken {
  readonly state: State;
  readonly claimedBy?: string | null | undefined;
  readonly isMine: boolean;
}

/** Returns why something cannot be claimed any more. */
export function wordsOfHolder({ state, claimedBy, isMine }: Taken): string {
  if (state === 'COMPLETED' || state === 'CANCELED') {
    return `It was ${BECAME[state]} meanwhile.`;
  }
  if (isMine) {
    return 'It is yours already.';
  }
  return `${claimedBy || 'Somebody else'} was quicker, and has it.`;
}

interface Named {
  readonly procedureStepLabel?: string | null | undefined;
  readonly patientName?: PersonName | null | undefined;
  readonly patientId?: string | null | undefined;
}

/** Returns a line by which people know a workitem. */
export function wordsOfWork({ procedureStepLabel, patientName, patientId }: Named): string {
  return joined([procedureStepLabel || 'Workitem', readableName(patientName) || patientId], ', ');
}
