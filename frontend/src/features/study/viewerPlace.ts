import { type PlaceSearch, studiesOf } from '~/domain/placeSearch';

const VIEWER = '/viewer/viewer';
/** How the viewer calls the layout of studies beside each other: app-config.js has it. */
const BESIDE = 'portal.beside';

/** Returns where the viewer shows a study, and those beside it. */
export function viewerAddress(studyUid: string, search: PlaceSearch): string {
  const uids = studiesOf(studyUid, search);
  const query = new URLSearchParams({
    StudyInstanceUIDs: uids.join(','),
    ...(search.partition && { partition: search.partition }),
    ...(search.series && { initialSeriesInstanceUID: search.series }),
    ...(uids.length > 1 && { hangingProtocolId: BESIDE }),
  });
  return `${VIEWER}?${query}`;
}

/** Tells whether the browser can draw what the viewer wants drawn. */
export function canDraw(): boolean {
  return document.createElement('canvas').getContext('webgl2') !== null;
}
