import { useCallback } from 'react';
import { type AnyVariables, type TypedDocumentNode, useQuery } from 'urql';
import type { Fault } from '~/domain/fault';
import { faultOf } from './graphql';

export interface Asked<Data> {
  readonly data: Data | undefined;
  readonly fault: Fault | undefined;
  /** Whether nothing is known yet. */
  readonly isLoading: boolean;
  readonly reload: () => void;
}

interface Options<Variables> {
  readonly variables: Variables;
  readonly pause?: boolean;
}

/** Asks the graph; what it answered last is shown while it is asked anew. */
export function useGraph<Data, Variables extends AnyVariables>(
  document: TypedDocumentNode<Data, Variables>,
  { variables, pause = false }: Options<Variables>,
): Asked<Data> {
  const [{ data, error, fetching }, ask] = useQuery<Data, AnyVariables>({
    query: document,
    variables,
    pause,
  });
  const reload = useCallback(() => ask({ requestPolicy: 'network-only' }), [ask]);
  return {
    data: data ?? undefined,
    fault: error && faultOf(error),
    isLoading: fetching && data === undefined,
    reload,
  };
}
