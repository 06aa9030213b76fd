import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { WorklistCountsQuery } from '~/api/generated/graphql';
import { type Asked, useGraph } from '~/api/useGraph';
import { type Pages, usePages } from '~/api/usePages';
import { useMe } from '~/app/me';
import { DEFAULT_PARTITION } from '~/domain/placeSearch';
import {
  orderOf,
  type StateKey,
  statesOf,
  type WorklistSearch,
  workOf,
} from '~/domain/worklistSearch';
import { COUNTS, PAGE_SIZE, WORKITEMS, type WorkRow } from './queries';

/** How many there are in each state, and what of it is late; from `MOST_COUNTED` on, or more. */
export type Counts = Readonly<Record<StateKey | 'overdue', number>>;

export interface Workitems {
  readonly pages: Pages<WorkRow>;
  readonly counts: Counts | undefined;
  /** When rows and numbers could be had last, where they cannot be now. */
  readonly lostSince: string | undefined;
  /** Has rows and numbers as they are now; what is there stays until then. */
  readonly renew: () => Promise<void>;
}

/** Returns the workitems that a search asks for, and how many there are of each state. */
export function useWorkitems(search: WorklistSearch): Workitems {
  const { name } = useMe();
  const partition = search.partition ?? DEFAULT_PARTITION;
  const asked = useMemo(
    () => ({
      filter: { ...workOf(search, name), state: statesOf(search) },
      orderBy: orderOf(search),
      partition,
      first: PAGE_SIZE,
    }),
    [search, name, partition],
  );
  const pages = usePages(WORKITEMS, asked, (data) => data.workitems);
  const isPaused = pages.isLoading || pages.fault !== undefined;
  const { data, reload } = useCounts(search, name, partition, isPaused);
  const { renew: renewRows } = pages;
  const renewedAt = useRef(new Date().toISOString());
  const [lostSince, lose] = useState<string>();
  const renew = useCallback(async () => {
    const isHad = await renewRows();
    if (isHad) {
      renewedAt.current = new Date().toISOString();
      reload();
    }
    lose(isHad ? undefined : renewedAt.current);
  }, [renewRows, reload]);
  return { pages, counts: data, lostSince, renew };
}

function useCounts(
  search: WorklistSearch,
  name: string,
  partition: string,
  isPaused: boolean,
): Pick<Asked<Counts>, 'data' | 'reload'> {
  const { data, reload } = useGraph(COUNTS, {
    variables: { filter: workOf(search, name), partition },
    pause: isPaused,
  });
  // What was counted before stays until the new numbers are there: nothing jumps.
  const last = useRef<Counts>(undefined);
  const now = data && numbersOf(data);
  useEffect(() => {
    last.current = now ?? last.current;
  }, [now]);
  return { data: now ?? last.current, reload };
}

function numbersOf({ workitemCounts: counts }: WorklistCountsQuery): Counts {
  const { scheduled, inProgress, completed, canceled, overdue } = counts;
  const open = scheduled + inProgress;
  return { open, scheduled, progress: inProgress, completed, canceled, overdue };
}
