import { zipOf } from '~/api/dicomweb';
import { searchOfPlace } from '~/domain/placeSearch';
import type { StudyRow } from './queries';

/** Each study is a file of its own. */
export const MOST_ZIPS = 20;
/** Browsers take downloads that are begun at the same moment for one. */
const BETWEEN_DOWNLOADS_MS = 400;

/** Returns the addresses of the studies' pages, one on each line. */
export function linksOf(studies: readonly StudyRow[]): string {
  return studies
    .map(({ studyInstanceUid, partition }) => {
      const query = new URLSearchParams({ ...searchOfPlace(partition.name) }).toString();
      const path = `/studies/${studyInstanceUid}${query && `?${query}`}`;
      return `${window.location.origin}${path}`;
    })
    .join('\n');
}

/** Has the browser save each study as a file, streamed from the server to the disk. */
export async function saveZips(studies: readonly StudyRow[]): Promise<void> {
  for (const { studyInstanceUid, partition } of studies) {
    const link = document.createElement('a');
    link.href = zipOf({ studyUid: studyInstanceUid, partition: partition.name });
    link.download = `${studyInstanceUid}.zip`;
    link.click();
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_DOWNLOADS_MS));
  }
}
