import type { Chosen } from '~/api/uploadQueue';

const TOLD_AT_ONCE = 500;

/**
 * Walks through what was dropped, folders as well, and tells files as it finds them.
 *
 * The list of a drop is emptied when its event ends: what lies in it is taken at once.
 */
export async function walkDropped(
  items: DataTransferItemList,
  tell: (files: readonly Chosen[]) => void,
): Promise<void> {
  const entries = [...items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  let found: Chosen[] = [];
  for await (const file of walk(entries)) {
    found.push(file);
    if (found.length >= TOLD_AT_ONCE) {
      tell(found);
      found = [];
    }
  }
  tell(found);
}

async function* walk(entries: readonly FileSystemEntry[]): AsyncGenerator<Chosen> {
  for (const entry of entries) {
    if (isFolder(entry)) {
      const reader = entry.createReader();
      // A folder is read some files at a time, until there are none.
      for (let some = await read(reader); some.length > 0; some = await read(reader)) {
        yield* walk(some);
      }
    } else if (isFile(entry)) {
      const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
      yield { path: entry.fullPath.replace(/^\//, ''), file };
    }
  }
}

// Browsers call the interfaces differently, or hide them: `instanceof` knows none of them.
function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function read(reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> {
  return new Promise((resolve, reject) => reader.readEntries(resolve, reject));
}

/** Returns the files of a field of a form; those of a folder with their places in it. */
export function chosenFiles(files: FileList | null): readonly Chosen[] {
  return [...(files ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
}
