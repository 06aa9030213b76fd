import type { Fault } from './fault';

/** What becomes of a file: it waits, is sent, and ends in one of the others. */
export type FileState = 'held' | 'refused' | 'sending' | 'skipped' | 'stored' | 'waiting';

/** A file on its way. */
export interface UploadFile {
  /** Its place in the folder that was chosen. */
  readonly path: string;
  readonly bytes: number;
  readonly state: FileState;
  /** How many bytes of it the portal has been sent. */
  readonly sent: number;
  /** Why it was not stored, or what was remarked. */
  readonly remark: string;
}

/**
 * - `chosen`: nothing is sent until somebody says so
 * - `idle`: there is nothing to do
 * - `waiting`: the portal was not reached; it is tried again by itself
 * - `stopped`: something has to be done first, as `fault` says
 */
export type QueueState = 'chosen' | 'idle' | 'paused' | 'running' | 'stopped' | 'waiting';

export type Counts = Readonly<Record<FileState, number>>;

export interface Upload {
  readonly state: QueueState;
  readonly files: readonly UploadFile[];
  readonly counts: Counts;
  readonly bytes: number;
  /** Of those, the bytes of files that have ended, and what was sent of others. */
  readonly doneBytes: number;
  readonly fault: Fault | undefined;
}

/** What came of one file. */
export interface Outcome {
  readonly state: 'held' | 'refused' | 'stored';
  readonly remark: string;
}

export const STATE_WORDS: Readonly<Record<FileState, string>> = {
  held: 'Held already',
  refused: 'Refused',
  sending: 'Sending',
  skipped: 'Left out',
  stored: 'Stored',
  waiting: 'Waiting',
};

export function hasEnded(state: FileState): boolean {
  return state !== 'waiting' && state !== 'sending';
}
