import { type DataSet, parseDicom } from 'dicom-parser';

/** What the beginning of a file says that it is. */
export type Beginning =
  | { readonly kind: 'instance'; readonly uids: Uids }
  /** A DICOM file whose beginning does not tell which: the server will see. */
  | { readonly kind: 'unknown' }
  /** The table of contents of a disc: it names files and is none to keep. */
  | { readonly kind: 'directory' }
  | { readonly kind: 'other' };

export interface Uids {
  readonly study: string;
  readonly series: string;
  readonly instance: string;
}

/** How much of a file is looked at: the UIDs stand before anything large. */
export const BEGINNING_BYTES = 64 * 1024;

const PREAMBLE_BYTES = 128;
const MAGIC = [0x44, 0x49, 0x43, 0x4d]; // DICM
const DIRECTORY = '1.2.840.10008.1.3.10';
const LAST_TAG = 'x0020000e';

/** Reads the beginning of a file (DICOM PS3.10 7.1). */
export function readBeginning(bytes: Uint8Array): Beginning {
  if (!MAGIC.every((byte, at) => bytes[PREAMBLE_BYTES + at] === byte)) {
    return { kind: 'other' };
  }
  let read: DataSet;
  try {
    read = parseDicom(bytes, { untilTag: LAST_TAG });
  } catch {
    // Cut off in a long element, compressed, or broken.
    return { kind: 'unknown' };
  }
  if (read.string('x00020002') === DIRECTORY) {
    return { kind: 'directory' };
  }
  const [study, series, instance] = ['x0020000d', LAST_TAG, 'x00080018'].map(
    (tag) => read.string(tag) ?? '',
  );
  return study && series && instance
    ? { kind: 'instance', uids: { study, series, instance } }
    : { kind: 'unknown' };
}

/** Returns the name of an instance in a partition: all three UIDs make it. */
export function keyOf({ study, series, instance }: Uids): string {
  return `${study}/${series}/${instance}`;
}
