import { useEffect, useMemo } from 'react';
import type { AnyVariables, TypedDocumentNode } from 'urql';
import type {
  ProjectStudiesCountQuery,
  ProjectStudiesPageQuery,
  StudiesCountQuery,
  StudiesPageQuery,
} from '~/api/generated/graphql';
import { useGraph } from '~/api/useGraph';
import { type Connection, type Pages, usePages } from '~/api/usePages';
import { DEFAULT_PARTITION } from '~/domain/placeSearch';
import { filterOf, type StudySearch } from '~/domain/studySearch';
import {
  COUNT,
  PAGE_SIZE,
  PROJECT_COUNT,
  PROJECT_STUDIES,
  STUDIES,
  type StudyRow,
} from './queries';
import { useChanges } from './useChanges';
import { type FacetCounts, useFacets } from './useFacets';

type Listed = ProjectStudiesPageQuery | StudiesPageQuery;
type Counted = ProjectStudiesCountQuery | StudiesCountQuery;

interface Studies {
  readonly pages: Pages<StudyRow>;
  /** How many there are altogether; undefined until that is counted. */
  readonly total: number | undefined;
  readonly counts: FacetCounts;
  /** Whether something has changed since the list was asked for. */
  readonly isOld: boolean;
  /** Changes when another list is asked for. */
  readonly question: string;
}

const NONE: Connection<StudyRow> = { edges: [], pageInfo: { hasNextPage: false } };

/** Returns the studies that a search asks for: of all, or of a project. */
export function useStudies(search: StudySearch, mayIdentify: boolean): Studies {
  const { project, sort } = search;
  const variables = useMemo(() => {
    const filter = filterOf(search);
    return project === undefined
      ? { filter, partition: search.partition ?? null }
      : { filter, partition: search.partition ?? DEFAULT_PARTITION, project };
  }, [search, project]);
  const list = project === undefined ? STUDIES : PROJECT_STUDIES;
  const asked = { ...variables, sort: sort ? [sort] : null, first: PAGE_SIZE };
  const pages = usePages(list as TypedDocumentNode<Listed, AnyVariables>, asked, listed);
  // What is counted costs as much as there is: the list comes first.
  const count = project === undefined ? COUNT : PROJECT_COUNT;
  const isPaused = pages.isLoading || pages.fault !== undefined;
  const total = useGraph(count as TypedDocumentNode<Counted, AnyVariables>, {
    variables,
    pause: isPaused,
  });
  const counts = useFacets({ variables, mayIdentify, isPaused });
  const isOld = useChanges(!isPaused, () => {
    total.reload();
    counts.reload();
  });
  const { rows, reload } = pages;
  useEffect(() => {
    // Nobody reads what is not there.
    if (isOld && rows.length === 0) {
      reload();
    }
  }, [isOld, rows.length, reload]);
  return { pages, total: counted(total.data), counts, isOld, question: JSON.stringify(asked) };
}

function listed(data: Listed): Connection<StudyRow> {
  return 'studies' in data ? data.studies : (data.project?.studies ?? NONE);
}

function counted(data: Counted | undefined): number | undefined {
  if (data === undefined) {
    return undefined;
  }
  return 'studies' in data ? data.studies.totalCount : data.project?.studies.totalCount;
}
