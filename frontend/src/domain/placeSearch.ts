/** What the address of a study says beside its UID. */
export interface PlaceSearch {
  readonly partition?: string;
  /** The UID of the series that is shown. */
  readonly series?: string;
  /** UIDs of studies of the same partition, by commas, that the viewer shows beside it. */
  readonly beside?: string;
}

/** How many studies are shown at once. */
export const MOST_BESIDE = 8;

/** Returns the studies that a viewer shows: the one of the page, and those beside it. */
export function studiesOf(studyUid: string, { beside }: PlaceSearch): readonly string[] {
  const others = beside?.split(',').filter(Boolean) ?? [];
  return [...new Set([studyUid, ...others])].slice(0, MOST_BESIDE);
}

/** Returns what an address says, without what means nothing here. */
export function readPlaceSearch(given: Readonly<Record<string, unknown>>): PlaceSearch {
  const { partition, series, beside } = given;
  return {
    ...(typeof partition === 'string' && partition && { partition }),
    ...(typeof series === 'string' && series && { series }),
    ...(typeof beside === 'string' && beside && { beside }),
  };
}

export const DEFAULT_PARTITION = 'default';

/** Returns what an address has to say so that it leads into a partition. */
export function searchOfPlace(partition: string): PlaceSearch {
  return partition === DEFAULT_PARTITION ? {} : { partition };
}

/** Returns where the viewer shows studies beside each other; undefined without any. */
export function viewerPlace(uids: readonly string[], partition: string) {
  const [studyUid, ...others] = uids.slice(0, MOST_BESIDE);
  const beside = others.join(',');
  return studyUid === undefined
    ? undefined
    : { studyUid, search: { ...searchOfPlace(partition), ...(beside && { beside }) } };
}
