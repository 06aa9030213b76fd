import { useQuery } from '@tanstack/react-query';
import { useCallback } from 'react';
import { request } from './dicomweb';

/** How often it is asked for, while somebody looks at the page. */
const EVERY_MS = 10_000;
const FEED = '/dicomweb/changefeed';

export interface News {
  /** The number of the newest change that the account sees; undefined until known. */
  readonly newest: number | undefined;
  /** Looks now, and returns it. */
  readonly look: () => Promise<number | undefined>;
}

/**
 * Returns what was changed last, as time goes on.
 *
 * What is asked for is a page of what came since: nothing as a rule, which costs the
 * server one look at the end of the feed, and the audit log no line.
 */
export function useNews(isAsked: boolean): News {
  const { data, isFetchedAfterMount, refetch } = useQuery({
    queryKey: ['news'],
    enabled: isAsked,
    refetchInterval: EVERY_MS,
    // Who comes back to the page wants to know at once.
    refetchOnWindowFocus: 'always',
    retry: false,
    queryFn: async ({ client, queryKey, signal }) => {
      const known = client.getQueryData<number>(queryKey);
      if (known !== undefined && !(await hasMore(known, signal))) {
        return known;
      }
      return await newest(signal);
    },
  });
  const look = useCallback(async () => (await refetch()).data, [refetch]);
  // What another page has known is no news.
  return { newest: isFetchedAfterMount ? data : undefined, look };
}

async function hasMore(after: number, signal: AbortSignal): Promise<boolean> {
  const query = `after=${after}&limit=1&includemetadata=false`;
  const answer = await request(`${FEED}?${query}`, { signal });
  return answer.status !== 204 && ((await answer.json()) as unknown[]).length > 0;
}

async function newest(signal: AbortSignal): Promise<number> {
  const answer = await request(`${FEED}/latest?includemetadata=false`, { signal });
  return answer.status === 204 ? 0 : ((await answer.json()) as { sequence: number }).sequence;
}
