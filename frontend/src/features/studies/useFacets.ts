import { useEffect, useRef } from 'react';
import type { AnyVariables, TypedDocumentNode } from 'urql';
import type {
  ProjectStudiesFacetsQuery,
  StudiesFacetFragment,
  StudiesFacetsQuery,
} from '~/api/generated/graphql';
import { useGraph } from '~/api/useGraph';
import { FACETS, type Facet, type FacetValue } from '~/domain/facet';
import type { Fault } from '~/domain/fault';
import { COUNTS, PROJECT_COUNTS } from './queries';

type Counts = ProjectStudiesFacetsQuery | StudiesFacetsQuery;

export interface FacetCounts {
  /** The facets with what was counted, or with nothing yet. */
  readonly facets: readonly (readonly [Facet, readonly FacetValue[]])[];
  /** Whether nothing has been counted yet. */
  readonly isLoading: boolean;
  /** Whether what is shown was counted of another search. */
  readonly isStale: boolean;
  readonly fault: Fault | undefined;
  readonly reload: () => void;
}

interface Options {
  /** What the list asks for: its filter, and its partition or project. */
  readonly variables: object;
  readonly mayIdentify: boolean;
  readonly isPaused: boolean;
}

/** Returns how many studies of a search have which values, each facet as if it was not chosen of. */
export function useFacets({ variables, mayIdentify, isPaused }: Options): FacetCounts {
  const asked = FACETS.filter(({ isOfPatients }) => mayIdentify || !isOfPatients);
  const document = 'project' in variables ? PROJECT_COUNTS : COUNTS;
  const { data, fault, reload } = useGraph(document as TypedDocumentNode<Counts, AnyVariables>, {
    variables: { ...variables, facets: asked.map(({ name }) => name) },
    pause: isPaused,
  });
  // What was counted before stays until the new counts are there: nothing jumps.
  const last = useRef<readonly StudiesFacetFragment[]>(undefined);
  const now = data && countsOf(data);
  useEffect(() => {
    last.current = now ?? last.current;
  }, [now]);
  const shown = now ?? last.current;
  return {
    facets: asked.map((facet) => {
      const found = shown?.find(({ name }) => name === facet.name);
      return [facet, found?.values ?? []] as const;
    }),
    isLoading: shown === undefined,
    isStale: now === undefined,
    fault,
    reload,
  };
}

function countsOf(data: Counts): readonly StudiesFacetFragment[] {
  return 'studyFacets' in data ? data.studyFacets : (data.project?.studyFacets ?? []);
}
