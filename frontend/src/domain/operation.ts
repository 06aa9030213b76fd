export type State = 'CANCELED' | 'FAILED' | 'NOT_STARTED' | 'RUNNING' | 'SUCCEEDED';

/** How far an operation is, in words: never by a colour alone. */
export const STATE_WORDS: Readonly<Record<State, string>> = {
  CANCELED: 'Canceled',
  FAILED: 'Failed',
  NOT_STARTED: 'Waiting',
  RUNNING: 'Running',
  SUCCEEDED: 'Done',
};

export function isOpen(state: State): boolean {
  return state === 'NOT_STARTED' || state === 'RUNNING';
}
