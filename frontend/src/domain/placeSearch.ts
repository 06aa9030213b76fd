/** What the address of a study says beside its UID. */
export interface PlaceSearch {
  readonly partition?: string;
  /** The UID of the series that is shown. */
  readonly series?: string;
}

/** Returns what an address says, without what means nothing here. */
export function readPlaceSearch(given: Readonly<Record<string, unknown>>): PlaceSearch {
  const { partition, series } = given;
  return {
    ...(typeof partition === 'string' && partition && { partition }),
    ...(typeof series === 'string' && series && { series }),
  };
}

export const DEFAULT_PARTITION = 'default';

/** Returns what an address has to say so that it leads into a partition. */
export function searchOfPlace(partition: string): PlaceSearch {
  return partition === DEFAULT_PARTITION ? {} : { partition };
}
