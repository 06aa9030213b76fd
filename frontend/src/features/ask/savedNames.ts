import { createContext, useCallback, useContext, useMemo } from 'react';
import { useGraph } from '~/api/useGraph';
import type { Criteria, Part } from '~/domain/ask/criteria';
import { type Names, titleOf } from '~/domain/ask/leafWords';
import { hasKeys } from '~/domain/ask/savedNames';
import { DEFINITIONS } from './definitionQueries';

/** What is saved is called, by its key: for titles of criteria. */
export const SavedNames = createContext<Names>(new Map());

/** Returns the names of what criteria name by keys; asks for them if they do. */
export function useSavedNames(criteria: Criteria | undefined, partition: string): Names {
  const pause = !hasKeys(criteria);
  const cohorts = useGraph(DEFINITIONS, { variables: { kind: 'COHORT', partition }, pause });
  const sets = useGraph(DEFINITIONS, { variables: { kind: 'SET', partition }, pause });
  return useMemo(() => {
    const all = [cohorts.data, sets.data].flatMap((each) => each?.cohortDefinitions.edges ?? []);
    return new Map(all.map(({ node: { id, name } }) => [id, name]));
  }, [cohorts.data, sets.data]);
}

/** Returns what tells of a criterion what it is about. */
export function useTitleOf(): (node: Part) => string {
  const names = useContext(SavedNames);
  return useCallback((node: Part) => titleOf(node, names), [names]);
}
