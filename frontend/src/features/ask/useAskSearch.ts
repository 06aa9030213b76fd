import { getRouteApi } from '@tanstack/react-router';
import { useCallback } from 'react';
import type { AskSearch } from '~/domain/ask/askSearch';

const route = getRouteApi('/ask');

export interface AskPlace {
  readonly search: AskSearch;
  /** Changes some of the address: a place that the browser's way back leads to. */
  readonly change: (changed: Partial<Record<keyof AskSearch, string>>) => void;
}

/** Returns what the address says, and how to change it. */
export function useAskSearch(): AskPlace {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = useCallback(
    (changed: Partial<Record<keyof AskSearch, string>>) => {
      void navigate({
        search: (before) => withoutEmpty({ ...before, ...changed }),
        resetScroll: false,
      });
    },
    [navigate],
  );
  return { search, change };
}

function withoutEmpty(search: AskSearch): AskSearch {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value));
}
