import { getRouteApi } from '@tanstack/react-router';
import { useCallback } from 'react';
import { useSearchChange } from '~/app/useSearchChange';
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
  const write = useSearchChange<AskSearch>(route.id);
  const change: AskPlace['change'] = useCallback(
    (changed) => write(changed, { isPlace: true }),
    [write],
  );
  return { search, change };
}
