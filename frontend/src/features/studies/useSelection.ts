import { useCallback, useEffect, useMemo, useState } from 'react';
import { NOTHING_CHOSEN, type Picking, ranged, type Selection, toggled } from '~/domain/selection';
import type { StudyRow } from './queries';

export interface Selected {
  readonly keys: Selection['keys'];
  /** Those that are chosen, as they are listed. */
  readonly studies: readonly StudyRow[];
  readonly pick: (at: number, how: Picking) => void;
  readonly all: () => void;
  readonly clear: () => void;
}

/**
 * Returns which studies of a list are chosen.
 *
 * @param question - What the rows answer; another question begins anew.
 */
export function useSelection(
  rows: readonly StudyRow[],
  active: number,
  question: string,
): Selected {
  const [selection, select] = useState<Selection>(NOTHING_CHOSEN);
  const clear = useCallback(() => select(NOTHING_CHOSEN), []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: begins anew with the question
  useEffect(clear, [question]);
  const pick = useCallback(
    (at: number, how: Picking) => {
      const key = rows[at]?.id;
      if (key === undefined) {
        return;
      }
      select((before) => {
        if (how === 'go') {
          return { ...before, anchor: key };
        }
        if (how === 'toggle') {
          return toggled(before, key);
        }
        const from = { ...before, anchor: before.anchor ?? rows[active]?.id };
        return ranged(
          from,
          rows.map(({ id }) => id),
          key,
        );
      });
    },
    [rows, active],
  );
  const all = useCallback(
    () => select({ keys: new Set(rows.map(({ id }) => id)), anchor: undefined }),
    [rows],
  );
  const { keys } = selection;
  const studies = useMemo(
    () => (keys.size === 0 ? [] : rows.filter(({ id }) => keys.has(id))),
    [rows, keys],
  );
  return { keys, studies, pick, all, clear };
}
