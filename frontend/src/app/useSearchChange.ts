import { type RegisteredRouter, type RouteIds, useMatch, useRouter } from '@tanstack/react-router';
import { useCallback } from 'react';

type PageId = Exclude<RouteIds<RegisteredRouter['routeTree']>, '__root__'>;

interface Options {
  /** Whether it is a place that the browser's way back leads to. */
  readonly isPlace?: boolean;
}

export type SearchChange<Search extends object> = (
  changed: Partial<Record<keyof Search, string | undefined>>,
  options?: Options,
) => void;

/**
 * Returns how a page changes some of what its address says; empty texts go out of it.
 *
 * Who has left the page is not led back: what was typed or moved last comes here with a
 * delay, and the page is shown until the next one is loaded.
 */
export function useSearchChange<Search extends object>(page: PageId): SearchChange<Search> {
  const router = useRouter();
  const shown = useMatch({ from: page, select: ({ id }) => id });
  return useCallback(
    (changed, { isPlace = false } = {}) => {
      const isLeft = router.matchRoutes(router.latestLocation).every(({ id }) => id !== shown);
      if (!isLeft) {
        void router.navigate({
          to: '.',
          search: (before: object) => withoutEmpty({ ...before, ...changed }),
          replace: !isPlace,
          resetScroll: false,
        });
      }
    },
    [router, shown],
  );
}

function withoutEmpty(search: object): object {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value));
}
