import { useEffect, useState } from 'react';
import type { StudyRow } from './queries';

interface Chosen {
  /** The row that keys act on. */
  readonly active: number;
  /** The study that quick look shows. */
  readonly looked: StudyRow | undefined;
  readonly choose: (at: number) => void;
}

/**
 * Returns which row is chosen: the one that the address looks at, until somebody moves.
 *
 * @param question - What the rows answer; another question begins anew.
 */
export function useChosen(
  rows: readonly StudyRow[],
  look: string | undefined,
  question: string,
): Chosen {
  const [chosen, choose] = useState<number>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: begins anew with the question
  useEffect(() => choose(undefined), [question]);
  const linked = rows.findIndex(({ studyInstanceUid }) => studyInstanceUid === look);
  const active = Math.min(chosen ?? Math.max(0, linked), Math.max(0, rows.length - 1));
  const isLooking = look !== undefined && (chosen !== undefined || linked >= 0);
  return { active, looked: isLooking ? rows[active] : undefined, choose };
}
