import { expect, test, vi } from 'vitest';
import { FaultError, OFFLINE } from '~/domain/fault';
import type { Outcome, Upload } from '~/domain/upload';
import { type Chosen, type Portal, UploadQueue } from './uploadQueue';

const STORED: Outcome = { state: 'stored', remark: '' };

/** A file that says it is DICOM and no more: the queue asks nobody about it. */
function dicom(path: string): Chosen {
  const head = new Uint8Array(132);
  head.set(new TextEncoder().encode('DICM'), 128);
  return { path, file: new File([head, path], path) };
}

function make(store: Portal['store'], wait: () => Promise<void> = () => Promise.resolve()) {
  const findHeld = vi.fn(() => Promise.resolve(new Set<string>()));
  return new UploadQueue({ findHeld, store }, wait);
}

function until(queue: UploadQueue, holds: (upload: Upload) => boolean): Promise<Upload> {
  return new Promise((resolve) => {
    const look = () => {
      if (holds(queue.snapshot())) {
        stop();
        resolve(queue.snapshot());
      }
    };
    const stop = queue.subscribe(look);
  });
}

const isIdle = ({ state }: Upload) => state === 'idle';

test('a few files are sent at once, and each once', async () => {
  const sent: string[] = [];
  let most = 0;
  let now = 0;
  const queue = make(async (file) => {
    now += 1;
    most = Math.max(most, now);
    await Promise.resolve();
    now -= 1;
    sent.push(file.name);
    return STORED;
  });
  const files = Array.from({ length: 250 }, (_, at) => dicom(`f${at}`));
  queue.add(files, 'default');
  queue.resume();
  queue.add(files.slice(0, 50), 'default'); // chosen again
  const { counts, bytes, doneBytes } = await until(queue, isIdle);
  expect(counts.stored).toBe(250);
  expect(new Set(sent).size).toBe(250);
  expect(sent).toHaveLength(250);
  expect(most).toBe(4);
  expect(doneBytes).toBe(bytes);
});

test('a cut of the network is waited for, longer each time', async () => {
  const waits: number[] = [];
  let failures = 3;
  const queue = new UploadQueue(
    {
      findHeld: () => Promise.resolve(new Set()),
      store: () => {
        failures -= 1;
        return failures >= 0 ? Promise.reject(new FaultError(OFFLINE)) : Promise.resolve(STORED);
      },
    },
    (ms) => {
      waits.push(ms);
      return Promise.resolve();
    },
  );
  queue.add([dicom('one')], 'default');
  queue.resume();
  expect((await until(queue, isIdle)).counts.stored).toBe(1);
  expect(waits).toEqual([1_000, 2_000, 4_000]);
});

test('a file that the portal fails at is given up, the others are not', async () => {
  const broken = new FaultError({ code: 'INTERNAL', message: 'a bug' });
  const queue = make((file) =>
    file.name === 'bad' ? Promise.reject(broken) : Promise.resolve(STORED),
  );
  queue.add([dicom('bad'), dicom('good')], 'default');
  queue.resume();
  const { files } = await until(queue, isIdle);
  expect(files).toMatchObject([
    { path: 'bad', state: 'refused', remark: 'a bug' },
    { path: 'good', state: 'stored' },
  ]);
});

test('without a session it stops, keeps what was chosen, and goes on', async () => {
  let isSignedIn = false;
  const queue = make(() =>
    isSignedIn
      ? Promise.resolve(STORED)
      : Promise.reject(new FaultError({ code: 'UNAUTHENTICATED', message: 'sign in' })),
  );
  queue.add([dicom('a'), dicom('b')], 'default');
  queue.resume();
  const stopped = await until(queue, ({ state, counts }) => state === 'stopped' && !counts.sending);
  expect(stopped.fault?.code).toBe('UNAUTHENTICATED');
  expect(stopped.counts.waiting).toBe(2);
  isSignedIn = true;
  queue.resume();
  expect((await until(queue, isIdle)).counts.stored).toBe(2);
});

test('what rests begins nothing', async () => {
  const store = vi.fn(() => Promise.resolve(STORED));
  const queue = make(store);
  queue.add([dicom('a')], 'default');
  queue.resume();
  queue.pause();
  await until(queue, ({ state }) => state === 'paused');
  expect(store).not.toHaveBeenCalled();
  queue.resume();
  await until(queue, isIdle);
  expect(store).toHaveBeenCalledOnce();
});

test('however many are left out, the rest is sent', async () => {
  const queue = make(() => Promise.resolve(STORED));
  const texts = Array.from({ length: 350 }, (_, at) => ({
    path: `a${at}.txt`,
    file: new File(['text'], 'x.txt'),
  }));
  queue.add([...texts, dicom('z')], 'default');
  queue.resume();
  expect((await until(queue, isIdle)).counts).toMatchObject({ skipped: 350, stored: 1 });
});

test('what is no DICOM is left out, and what was refused is tried again when told', async () => {
  let isRefused = true;
  const queue = make(() =>
    Promise.resolve(isRefused ? { state: 'refused', remark: 'no' } : STORED),
  );
  queue.add([{ path: 'x.txt', file: new File(['text'], 'x.txt') }, dicom('a')], 'default');
  queue.resume();
  expect((await until(queue, isIdle)).counts).toMatchObject({ skipped: 1, refused: 1 });
  isRefused = false;
  queue.tryAgain();
  expect((await until(queue, isIdle)).counts).toMatchObject({ skipped: 1, stored: 1 });
  queue.clear();
  expect((await until(queue, ({ files }) => files.length === 0)).bytes).toBe(0);
});

test('nothing is sent until somebody says so, and what was chosen can be dismissed', async () => {
  const store = vi.fn(() => Promise.resolve(STORED));
  const queue = make(store);
  queue.add([dicom('one'), dicom('two')], 'default');
  const chosen = await until(queue, ({ state }) => state === 'chosen');
  expect(chosen.counts.waiting).toBe(2);
  expect(chosen.bytes).toBeGreaterThan(200);
  queue.dismiss();
  expect((await until(queue, isIdle)).files).toEqual([]);
  expect(store).not.toHaveBeenCalled();
  queue.add([dicom('one')], 'default');
  queue.resume();
  await until(queue, ({ state, counts }) => state === 'idle' && counts.stored === 1);
  // What is dismissed later leaves what has ended.
  queue.add([dicom('three')], 'default');
  queue.dismiss();
  const { counts } = await until(queue, ({ files }) => files.length === 1);
  expect(counts.stored).toBe(1);
});
