import { type Fault, faultOfError, isPassing } from '~/domain/fault';
import { BEGINNING_BYTES, type Beginning, keyOf, readBeginning, type Uids } from '~/domain/part10';
import {
  type Counts,
  type FileState,
  hasEnded,
  type Outcome,
  type QueueState,
  type Upload,
  type UploadFile,
} from '~/domain/upload';

/** What the queue asks of the portal. */
export interface Portal {
  readonly findHeld: (partition: string, uids: readonly Uids[]) => Promise<ReadonlySet<string>>;
  readonly store: (
    file: File,
    sending: {
      readonly partition: string;
      readonly signal: AbortSignal;
      readonly onProgress: (sent: number) => void;
    },
  ) => Promise<Outcome>;
}

export interface Chosen {
  readonly path: string;
  readonly file: File;
}

/** Files that are sent side by side: the portal commits together what comes together. */
const SENT_AT_ONCE = 4;
/** Files that are looked into, and asked for, together. */
const LOOKED_AT_ONCE = 100;
/** How often the portal may fail at a file before the file is given up. */
const MOST_FAILURES = 5;
const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 30_000;
const TOLD_EVERY_MS = 100;

const LEFT_OUT: Readonly<Record<string, string>> = {
  directory: 'The table of contents of a disc.',
  other: 'Not a DICOM file.',
};

interface Entry {
  readonly file: File;
  readonly partition: string;
  shown: UploadFile;
  isLookedInto: boolean;
  failures: number;
}

/**
 * Files on their way to the portal: a few are sent at once, what is held is left out,
 * what a cut of the network has stopped is sent again.
 */
export class UploadQueue {
  readonly #portal: Portal;
  readonly #wait: (ms: number) => Promise<void>;
  readonly #entries: Entry[] = [];
  readonly #known = new Set<string>();
  readonly #listeners = new Set<() => void>();
  readonly #abort = new AbortController();
  #state: QueueState = 'idle';
  #fault: Fault | undefined;
  #sending = 0;
  #isLooking = false;
  #cuts = 0;
  #next = 0;
  #nextToLook = 0;
  #shown: Upload = EMPTY;
  #isToldSoon = false;

  constructor(portal: Portal, wait: (ms: number) => Promise<void> = waitOrOnline) {
    this.#portal = portal;
    this.#wait = wait;
  }

  /**
   * Takes files; those of the same place, size and time are there already.
   *
   * The first ones wait for `resume`: somebody sees first how much it is. While others
   * are on their way more of them join.
   */
  add(chosen: readonly Chosen[], partition: string): void {
    for (const { path, file } of chosen.toSorted(byPath)) {
      const name = `${partition}\n${path}\n${file.size}\n${file.lastModified}`;
      if (!this.#known.has(name)) {
        this.#known.add(name);
        const shown: UploadFile = { path, bytes: file.size, state: 'waiting', sent: 0, remark: '' };
        this.#entries.push({ file, partition, shown, isLookedInto: false, failures: 0 });
      }
    }
    const isThereMore = this.#entries.some(({ shown }) => !hasEnded(shown.state));
    if (this.#state === 'idle' && isThereMore) {
      this.#state = 'chosen';
    }
    this.#goOn();
  }

  /** Forgets files of which none was sent. */
  dismiss(): void {
    if (this.#state === 'chosen') {
      const left = this.#entries.filter(({ shown }) => hasEnded(shown.state));
      this.#state = 'idle';
      this.#keep(left);
    }
  }

  /** Begins no more files; those that are on their way arrive. */
  pause(): void {
    this.#state = 'paused';
    this.#tell();
  }

  resume(): void {
    this.#state = 'running';
    this.#fault = undefined;
    this.#goOn();
  }

  /** Has files that were refused tried once more. */
  tryAgain(): void {
    for (const entry of this.#entries) {
      if (entry.shown.state === 'refused') {
        entry.failures = 0;
        change(entry, { state: 'waiting', sent: 0, remark: '' });
      }
    }
    this.#next = 0;
    this.resume();
  }

  /** Forgets files that have ended. */
  clear(): void {
    this.#keep(this.#entries.filter(({ shown }) => !hasEnded(shown.state)));
  }

  #keep(left: readonly Entry[]): void {
    this.#entries.splice(0, this.#entries.length, ...left);
    this.#known.clear();
    this.#next = 0;
    this.#nextToLook = 0;
    this.#tell();
  }

  /** Ends all that is on its way. */
  destroy(): void {
    this.#state = 'paused';
    this.#abort.abort();
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly snapshot = (): Upload => this.#shown;

  /** Begins what can be begun, and tells how it is. */
  #goOn(): void {
    if (this.#state === 'running') {
      while (this.#sending < SENT_AT_ONCE) {
        const entry = this.#nextReady();
        if (entry === undefined) {
          break;
        }
        void this.#send(entry);
      }
      // Afterwards: what was left out has let the next ones come up.
      void this.#lookInto();
      if (this.#sending === 0 && this.#entries.every(({ shown }) => hasEnded(shown.state))) {
        this.#state = 'idle';
      }
    }
    this.#tell();
  }

  #nextReady(): Entry | undefined {
    for (; this.#next < this.#entries.length; this.#next += 1) {
      const entry = this.#entries[this.#next];
      if (entry?.shown.state === 'waiting') {
        return entry.isLookedInto ? entry : undefined;
      }
    }
    return undefined;
  }

  /** Looks into the next files, and leaves out what need not be sent. */
  async #lookInto(): Promise<void> {
    const isEnough = this.#nextToLook - this.#next >= LOOKED_AT_ONCE;
    if (this.#isLooking || isEnough || this.#nextToLook >= this.#entries.length) {
      return;
    }
    this.#isLooking = true;
    const end = this.#nextToLook + LOOKED_AT_ONCE;
    const batch = this.#entries.slice(this.#nextToLook, end).filter((one) => !one.isLookedInto);
    try {
      await this.#leaveOut(batch);
      for (const entry of batch) {
        entry.isLookedInto = true;
      }
      this.#nextToLook = end;
    } catch (error) {
      await this.#suffer(faultOfError(error));
    } finally {
      this.#isLooking = false;
    }
    this.#goOn();
  }

  async #leaveOut(batch: readonly Entry[]): Promise<void> {
    const beginnings = await Promise.all(batch.map(({ file }) => beginningOf(file)));
    const found = batch.map((entry, at) => ({ entry, uids: uidsOf(beginnings[at]) }));
    batch.forEach((entry, at) => {
      const remark = LEFT_OUT[beginnings[at]?.kind ?? ''];
      if (remark !== undefined) {
        change(entry, { state: 'skipped', remark });
      }
    });
    for (const partition of new Set(batch.map((entry) => entry.partition))) {
      const mine = found.filter(({ entry }) => entry.partition === partition);
      const asked = mine.flatMap(({ uids }) => (uids === undefined ? [] : [uids]));
      const held = asked.length > 0 ? await this.#portal.findHeld(partition, asked) : NONE;
      for (const { entry, uids } of mine) {
        if (uids !== undefined && held.has(keyOf(uids))) {
          change(entry, { state: 'held' });
        }
      }
    }
  }

  async #send(entry: Entry): Promise<void> {
    this.#sending += 1;
    change(entry, { state: 'sending', sent: 0 });
    try {
      const outcome = await this.#portal.store(entry.file, {
        partition: entry.partition,
        signal: this.#abort.signal,
        onProgress: (sent) => {
          change(entry, { sent: Math.min(sent, entry.file.size) });
          this.#tell();
        },
      });
      this.#cuts = 0;
      change(entry, { ...outcome, sent: entry.file.size });
    } catch (error) {
      await this.#fail(entry, faultOfError(error));
    } finally {
      this.#sending -= 1;
    }
    this.#goOn();
  }

  async #fail(entry: Entry, fault: Fault): Promise<void> {
    const isReadable = await canBeRead(entry.file);
    const isGivenUp = fault.code === 'INTERNAL' && ++entry.failures >= MOST_FAILURES;
    if (!isReadable || isGivenUp || REFUSALS.has(fault.code)) {
      const remark = isReadable ? fault.message : 'The file cannot be read any more.';
      change(entry, { state: 'refused', sent: 0, remark });
      return;
    }
    change(entry, { state: 'waiting', sent: 0 });
    this.#next = 0;
    await this.#suffer(fault);
  }

  /** Waits where the fault may pass by itself, else stops until somebody goes on. */
  async #suffer(fault: Fault): Promise<void> {
    if (this.#state !== 'running') {
      return;
    }
    this.#fault = fault;
    if (!isPassing(fault) && fault.code !== 'INTERNAL') {
      this.#state = 'stopped';
      return;
    }
    this.#state = 'waiting';
    this.#tell();
    const delay = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#cuts);
    this.#cuts += 1;
    void this.#wait(Math.max(delay, (fault.retryAfterS ?? 0) * 1_000)).then(() => {
      if (this.#state === 'waiting') {
        this.resume();
      }
    });
  }

  /** Tells listeners, at most so often: thousands of files change each second. */
  #tell(): void {
    if (this.#isToldSoon) {
      return;
    }
    this.#isToldSoon = true;
    setTimeout(() => {
      this.#isToldSoon = false;
      this.#shown = this.#look();
      for (const listener of this.#listeners) {
        listener();
      }
    }, TOLD_EVERY_MS);
  }

  #look(): Upload {
    const counts: Record<FileState, number> = { ...NO_COUNTS };
    let bytes = 0;
    let doneBytes = 0;
    for (const { shown } of this.#entries) {
      counts[shown.state] += 1;
      bytes += shown.bytes;
      doneBytes += hasEnded(shown.state) ? shown.bytes : shown.sent;
    }
    const files = this.#entries.map(({ shown }) => shown);
    return { state: this.#state, files, counts, bytes, doneBytes, fault: this.#fault };
  }
}

const NONE: ReadonlySet<string> = new Set();
/** What is said of the file and would be said again. */
const REFUSALS: ReadonlySet<string> = new Set(['CONFLICT', 'INVALID', 'TOO_LARGE', 'UNSUPPORTED']);
const NO_COUNTS: Counts = { held: 0, refused: 0, sending: 0, skipped: 0, stored: 0, waiting: 0 };
const EMPTY: Upload = {
  state: 'idle',
  files: [],
  counts: NO_COUNTS,
  bytes: 0,
  doneBytes: 0,
  fault: undefined,
};

function byPath(a: Chosen, b: Chosen): number {
  if (a.path === b.path) {
    return 0;
  }
  return a.path < b.path ? -1 : 1;
}

function change(entry: Entry, changed: Partial<UploadFile>): void {
  entry.shown = { ...entry.shown, ...changed };
}

function uidsOf(beginning: Beginning | undefined): Uids | undefined {
  return beginning?.kind === 'instance' ? beginning.uids : undefined;
}

async function beginningOf(file: File): Promise<Beginning> {
  try {
    const bytes = await file.slice(0, BEGINNING_BYTES).arrayBuffer();
    return readBeginning(new Uint8Array(bytes));
  } catch {
    return { kind: 'unknown' }; // whoever sends it will notice
  }
}

async function canBeRead(file: File): Promise<boolean> {
  try {
    await file.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

/** Waits, but no longer than until the network is there again. */
function waitOrOnline(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      window.removeEventListener('online', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    window.addEventListener('online', end);
  });
}
