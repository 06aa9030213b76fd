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

/** Asks the graph; what it answered last to the same is shown while it is asked anew. */
export function useGraph<Data, Variables extends AnyVariables>(
  document: TypedDocumentNode<Data, Variables>,
  { variables, pause = false }: Options<Variables>,
): Asked<Data> {
  const [{ data, error, fetching, operation }, ask] = useQuery<Data, AnyVariables>({
    query: document,
    variables,
    pause,
  });
  // urql goes on showing what it answered to the question before.
  const isOfThis = JSON.stringify(operation?.variables) === JSON.stringify(variables);
  const reload = useCallback(() => ask({ requestPolicy: 'network-only' }), [ask]);
  return {
    // A field that may be null is null where it was refused: that is no answer.
    data: isOfThis && !error ? (data ?? undefined) : undefined,
    fault: isOfThis && error ? faultOf(error) : undefined,
    isLoading: fetching && !(isOfThis && data !== undefined),
    reload,
  };
}
