import { useCallback, useEffect, useMemo, useState } from 'react';
import { type AnyVariables, type TypedDocumentNode, useClient } from 'urql';
import type { Fault } from '~/domain/fault';
import { faultOf } from './graphql';

export interface Live<Data> {
  /** The last answer, which may be to what was asked before; undefined: none yet. */
  readonly data: Data | undefined;
  /** Whether the data are of what is asked now. */
  readonly isStale: boolean;
  readonly fault: Fault | undefined;
  readonly reload: () => void;
}

interface State<Data> {
  readonly key: string | undefined;
  readonly data: Data | undefined;
  readonly fault: Fault | undefined;
}

const NOTHING = { key: undefined, data: undefined, fault: undefined };

/**
 * Asks the graph for what follows while somebody edits: once they rest, and once.
 *
 * The answer before stays until the next one has come; a question that another one has
 * overtaken is canceled. Nothing is asked without variables.
 */
export function useLive<Data, Variables extends AnyVariables>(
  document: TypedDocumentNode<Data, Variables>,
  variables: (Variables & object) | undefined,
  waitMs: number,
): Live<Data> {
  const client = useClient();
  const [turn, setTurn] = useState(0);
  const [state, setState] = useState<State<Data>>(NOTHING);
  const key = variables && JSON.stringify(variables);
  // The same question with other objects is the same question.
  const asked = useMemo(() => key && (JSON.parse(key) as Variables), [key]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a further turn asks the same anew
  useEffect(() => {
    if (!asked || key === undefined) {
      setState(NOTHING);
      return;
    }
    let running: { readonly unsubscribe: () => void } | undefined;
    const timer = setTimeout(() => {
      running = client
        .query(document, asked, { requestPolicy: 'network-only' })
        .subscribe(({ data, error }) => {
          const fault = error && faultOf(error);
          setState((before) => ({
            key,
            data: fault ? before.data : (data ?? undefined),
            fault,
          }));
        });
    }, waitMs);
    return () => {
      clearTimeout(timer);
      running?.unsubscribe();
    };
  }, [client, document, asked, key, waitMs, turn]);

  const reload = useCallback(() => {
    setState((before) => ({ ...before, key: undefined, fault: undefined }));
    setTurn((number) => number + 1);
  }, []);
  const isOfThis = state.key === key;
  return {
    data: state.data,
    isStale: !isOfThis || state.fault !== undefined,
    fault: isOfThis ? state.fault : undefined,
    reload,
  };
}
