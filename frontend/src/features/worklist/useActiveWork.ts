import { useState } from 'react';
import type { WorkRow } from './queries';

interface Active {
  /** The row that keys act on. */
  readonly active: number;
  readonly go: (at: number) => void;
}

/**
 * Returns which row keys act on: it stays with its workitem while the list changes, and at
 * its place where that has left the list.
 *
 * @param look - The UID that the address looks at, until somebody moves.
 */
export function useActiveWork(rows: readonly WorkRow[], look: string | undefined): Active {
  const [chosen, choose] = useState<{ readonly uid: string | undefined; readonly at: number }>();
  const wanted = look ?? chosen?.uid;
  const found = rows.findIndex(({ uid }) => uid === wanted);
  const active = found >= 0 ? found : Math.min(chosen?.at ?? 0, Math.max(0, rows.length - 1));
  return { active, go: (at) => choose({ uid: rows[at]?.uid, at }) };
}
