import { getRouteApi } from '@tanstack/react-router';
import { useCallback } from 'react';
import { useSearchChange } from '~/app/useSearchChange';
import type { Choices } from '~/domain/facet';
import type { StudySearch } from '~/domain/studySearch';

const route = getRouteApi('/studies');

export interface SearchState {
  readonly search: StudySearch;
  /** Changes some of the address; empty texts go out of it. */
  readonly change: (changed: Partial<Record<keyof StudySearch, string>>) => void;
  /** Chooses of facets: a place that the browser's way back leads to. */
  readonly choose: (chosen: Choices) => void;
  readonly clear: () => void;
}

/** Returns what the address of the list says, and how to change it. */
export function useSearch(): SearchState {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  // What is typed is no place to come back to: the history keeps one entry.
  const change = useSearchChange<StudySearch>(route.id);
  const choose = useCallback((chosen: Choices) => change(chosen, { isPlace: true }), [change]);
  const clear = useCallback(() => {
    void navigate({ search: ({ sort }) => (sort ? { sort } : {}), replace: true });
  }, [navigate]);
  return { search, change, choose, clear };
}
