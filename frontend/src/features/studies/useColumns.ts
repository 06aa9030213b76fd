import { useMemo } from 'react';
import { useKept } from '~/app/useKept';
import { COLUMNS, type Column, SHOWN_TO_ALL, shownColumns } from './columns';
import type { SearchState } from './useSearch';

export interface ColumnChoice {
  readonly offered: readonly Column[];
  readonly shown: readonly Column[];
  /** Shows other columns: here, and wherever this account comes to the list again. */
  readonly choose: (keys: readonly string[]) => void;
  readonly reset: () => void;
}

/** Returns the columns that the address names, or else those that this browser keeps. */
export function useColumns({ search, change }: SearchState, mayIdentify: boolean): ColumnChoice {
  const [kept, keep] = useKept('columns');
  const offered = mayIdentify ? COLUMNS : SHOWN_TO_ALL;
  const keys = search.columns ?? kept ?? undefined;
  const shown = useMemo(() => shownColumns(offered, keys), [offered, keys]);
  const choose = (chosen: readonly string[]) => {
    const text = offered
      .map(({ key }) => key)
      .filter((key) => chosen.includes(key))
      .join(',');
    keep(text);
    change({ columns: text });
  };
  const reset = () => {
    keep(null);
    change({ columns: '' });
  };
  return { offered, shown, choose, reset };
}
