import { useEffect, useMemo, useState } from 'react';
import { useMutation } from 'urql';
import { faultOfChange } from '~/api/change';
import { graphql } from '~/api/generated';
import { useGraph } from '~/api/useGraph';
import { readQuery, writeQuery } from '~/app/address';
import { useKept } from '~/app/useKept';
import type { Fault } from '~/domain/fault';
import { readViews, type SavedView } from '~/domain/savedView';
import { readStudySearch } from '~/domain/studySearch';

const VIEWS = graphql(`
  query MyViews {
    me {
      views {
        name
        query
      }
    }
  }
`);

const SAVE = graphql(`
  mutation SaveView($name: String!, $query: String!) {
    saveView(name: $name, query: $query) {
      ... on ChangedViews {
        views {
          name
        }
      }
      ... on Fault {
        code
        message
      }
    }
  }
`);

const REMOVE = graphql(`
  mutation RemoveView($name: String!) {
    removeView(name: $name) {
      ... on ChangedViews {
        views {
          name
        }
      }
      ... on Fault {
        code
        message
      }
    }
  }
`);

export interface Views {
  readonly views: readonly SavedView[];
  /** Whether they are not known yet. */
  readonly isLoading: boolean;
  /** Why they are not known, or why the last change was not made. */
  readonly fault: Fault | undefined;
  /** Returns whether it was done. */
  readonly save: (view: SavedView) => Promise<boolean>;
  readonly remove: (name: string) => Promise<boolean>;
}

/** Returns the views that the portal keeps for the account. */
export function useViews(): Views {
  const { data, fault, isLoading, reload } = useGraph(VIEWS, { variables: {} });
  const [, saveOne] = useMutation(SAVE);
  const [, removeOne] = useMutation(REMOVE);
  const [refusal, setRefusal] = useState<Fault>();
  const views = useMemo(
    () =>
      (data?.me.views ?? [])
        .map(({ name, query }) => ({ name, search: readStudySearch(readQuery(query)) }))
        .toSorted((a, b) => a.name.localeCompare(b.name)),
    [data],
  );
  const end = (refused: Fault | undefined) => {
    setRefusal(refused);
    reload();
    return refused === undefined;
  };
  const save = async ({ name, search }: SavedView) => {
    const result = await saveOne({ name, query: writeQuery({ ...search }).slice(1) });
    return end(faultOfChange(result, (changed) => changed.saveView));
  };
  const remove = async (name: string) => {
    return end(faultOfChange(await removeOne({ name }), (changed) => changed.removeView));
  };
  useMoved(data?.me.views, save);
  return { views, isLoading, fault: fault ?? refusal, save, remove };
}

/** Has the account keep what this browser kept for it, before the portal kept views. */
function useMoved(
  held: readonly { readonly name: string }[] | undefined,
  save: Views['save'],
): void {
  const [kept, keep] = useKept('views');
  // biome-ignore lint/correctness/useExhaustiveDependencies: once both are known
  useEffect(() => {
    if (kept === null || held === undefined) {
      return;
    }
    const names = new Set(held.map(({ name }) => name));
    // Nobody else moves them meanwhile.
    keep(null);
    void (async () => {
      for (const view of readViews(kept).filter(({ name }) => !names.has(name))) {
        if (!(await save(view))) {
          keep(kept);
          return;
        }
      }
    })();
  }, [kept === null, held === undefined]);
}
