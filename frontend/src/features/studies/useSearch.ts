import { getRouteApi } from '@tanstack/react-router';
import { useCallback } from 'react';
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
  const change = useCallback(
    (changed: Partial<Record<keyof StudySearch, string>>) => {
      // What is typed is no place to come back to: the history keeps one entry.
      void navigate({
        search: (before) => withoutEmpty({ ...before, ...changed }),
        replace: true,
        resetScroll: false,
      });
    },
    [navigate],
  );
  const choose = useCallback(
    (chosen: Choices) => {
      void navigate({
        search: (before) => withoutEmpty({ ...before, ...chosen }),
        resetScroll: false,
      });
    },
    [navigate],
  );
  const clear = useCallback(() => {
    void navigate({ search: ({ sort }) => (sort ? { sort } : {}), replace: true });
  }, [navigate]);
  return { search, change, choose, clear };
}

function withoutEmpty(search: StudySearch): StudySearch {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value));
}
