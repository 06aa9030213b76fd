import { getRouteApi } from '@tanstack/react-router';
import { useCallback } from 'react';
import { useSearchChange } from '~/app/useSearchChange';
import type { WorklistSearch } from '~/domain/worklistSearch';

const route = getRouteApi('/worklist');

export type Changed = Partial<Record<keyof WorklistSearch, string>>;

export interface WorkSearch {
  readonly search: WorklistSearch;
  /** Changes some of the address; empty texts go out of it. */
  readonly change: (changed: Changed) => void;
  /** Leaves nothing but where the list is, and its order. */
  readonly clear: () => void;
}

/** Returns what the address of the worklist says, and how to change it. */
export function useWorkSearch(): WorkSearch {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const change = useSearchChange<WorklistSearch>(route.id);
  const clear = useCallback(() => {
    void navigate({
      search: ({ order, partition }) => ({
        ...(order && { order }),
        ...(partition && { partition }),
      }),
      replace: true,
    });
  }, [navigate]);
  return { search, change, clear };
}
