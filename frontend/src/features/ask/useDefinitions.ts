import { useState } from 'react';
import { useMutation } from 'urql';
import { faultOfChange } from '~/api/change';
import type { CohortDefinitionKind } from '~/api/generated/graphql';
import { useGraph } from '~/api/useGraph';
import type { Part } from '~/domain/ask/criteria';
import type { Fault } from '~/domain/fault';
import { DEFINITIONS, REMOVE, RENAME, SAVE, type Saved, SHARE, UNSHARE } from './definitionQueries';

export interface Definitions {
  readonly all: readonly Saved[];
  readonly isLoading: boolean;
  /** Why they are not known, or why the last change was not made. */
  readonly fault: Fault | undefined;
  /** Returns whether it was done; so do the others. */
  readonly save: (name: string, content: Part) => Promise<boolean>;
  readonly remove: (id: string) => Promise<boolean>;
  readonly rename: (id: string, name: string) => Promise<boolean>;
  /** Shares with a project, or takes that back; with an empty name the whole partition. */
  readonly share: (id: string, project: string, isShared: boolean) => Promise<boolean>;
}

/** Returns what is saved of a kind, and how to change it. */
export function useDefinitions(
  kind: CohortDefinitionKind,
  partition: string,
  isOpen: boolean,
): Definitions {
  const { data, fault, isLoading, reload } = useGraph(DEFINITIONS, {
    variables: { kind, partition },
    pause: !isOpen,
  });
  const [, saveOne] = useMutation(SAVE);
  const [, removeOne] = useMutation(REMOVE);
  const [, renameOne] = useMutation(RENAME);
  const [, shareOne] = useMutation(SHARE);
  const [, unshareOne] = useMutation(UNSHARE);
  const [refusal, setRefusal] = useState<Fault>();
  const end = (refused: Fault | undefined) => {
    setRefusal(refused);
    if (isOpen) {
      reload();
    }
    return refused === undefined;
  };
  return {
    all: data?.cohortDefinitions.edges.map(({ node }) => node) ?? [],
    isLoading,
    fault: fault ?? refusal,
    save: async (name, content) => {
      const result = await saveOne({ kind, name, content, partition });
      return end(faultOfChange(result, (changed) => changed.saveCohortDefinition));
    },
    remove: async (id) =>
      end(faultOfChange(await removeOne({ id }), (changed) => changed.removeCohortDefinition)),
    rename: async (id, name) =>
      end(
        faultOfChange(await renameOne({ id, name }), (changed) => changed.renameCohortDefinition),
      ),
    share: async (id, name, isShared) => {
      const what = { id, project: name || null };
      return end(
        isShared
          ? faultOfChange(await shareOne(what), (changed) => changed.shareCohortDefinition)
          : faultOfChange(await unshareOne(what), (changed) => changed.unshareCohortDefinition),
      );
    },
  };
}
