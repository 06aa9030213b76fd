import { useEffect, useMemo, useState } from 'react';
import { useMutation } from 'urql';
import { faultOfChange } from '~/api/change';
import { graphql } from '~/api/generated';
import { useGraph } from '~/api/useGraph';
import type { Fault } from '~/domain/fault';
import {
  keptSearch,
  MOST_VIEWS,
  readKept,
  readViews,
  type SavedView,
  type ViewedPage,
} from '~/domain/savedView';
import { readQuery, writeQuery } from './address';
import { useKept } from './useKept';

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

const TAKEN: Fault = {
  code: 'CONFLICT',
  message: 'A view of another list has this name.',
};

export interface Views {
  readonly views: readonly SavedView[];
  /** Whether there is no room for one more, of whatever page. */
  readonly isFull: boolean;
  /** Whether they are not known yet. */
  readonly isLoading: boolean;
  /** Why they are not known, or why the last change was not made. */
  readonly fault: Fault | undefined;
  /** Returns whether it was done. */
  readonly save: (view: SavedView) => Promise<boolean>;
  readonly remove: (name: string) => Promise<boolean>;
}

/** Returns the views of a page that the portal keeps for the account. */
export function useViews(page: ViewedPage): Views {
  const { data, fault, isLoading, reload } = useGraph(VIEWS, { variables: {} });
  const [, saveOne] = useMutation(SAVE);
  const [, removeOne] = useMutation(REMOVE);
  const [refusal, setRefusal] = useState<Fault>();
  const all = useMemo(
    () =>
      (data?.me.views ?? []).map(({ name, query }) => ({ name, ...readKept(readQuery(query)) })),
    [data],
  );
  const views = all
    .filter((view) => view.page === page.to)
    .toSorted((a, b) => a.name.localeCompare(b.name));
  const end = (refused: Fault | undefined) => {
    setRefusal(refused);
    reload();
    return refused === undefined;
  };
  const save = async ({ name, search }: SavedView) => {
    if (all.some((view) => view.name === name && view.page !== page.to)) {
      return end(TAKEN);
    }
    const query = writeQuery(keptSearch(page, search)).slice(1);
    const result = await saveOne({ name, query });
    return end(faultOfChange(result, (changed) => changed.saveView));
  };
  const remove = async (name: string) => {
    return end(faultOfChange(await removeOne({ name }), (changed) => changed.removeView));
  };
  useMoved(page.to === '/studies' ? data?.me.views : undefined, save);
  return {
    views,
    isFull: all.length >= MOST_VIEWS,
    isLoading,
    fault: fault ?? refusal,
    save,
    remove,
  };
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
