import { useCallback, useState } from 'react';
import { type AnyVariables, type TypedDocumentNode, useClient } from 'urql';
import { faultOfChange } from '~/api/change';
import type { Fault } from '~/domain/fault';

interface Answer {
  readonly result: object;
}

export interface Deed {
  readonly isRunning: boolean;
  readonly fault: Fault | undefined;
  /** Returns what was answered where it was done; undefined where it was not. */
  readonly run: <Data extends Answer, Variables extends AnyVariables>(
    document: TypedDocumentNode<Data, Variables>,
    variables: Variables,
  ) => Promise<Data['result'] | undefined>;
  /** Forgets what was refused. */
  readonly forget: () => void;
}

/** Does what a dialog or a button asks for; what was refused is told. */
export function useDeed(onDone: () => void = nothing): Deed {
  const client = useClient();
  const [isRunning, setRunning] = useState(false);
  const [fault, setFault] = useState<Fault>();
  const run: Deed['run'] = async (document, variables) => {
    setRunning(true);
    const answer = await client.mutation(document, variables).toPromise();
    const refusal = faultOfChange(answer, ({ result }) => result);
    setRunning(false);
    setFault(refusal);
    if (refusal !== undefined) {
      return undefined;
    }
    onDone();
    return answer.data?.result;
  };
  const forget = useCallback(() => setFault(undefined), []);
  return { isRunning, fault, run, forget };
}

function nothing(): void {
  // The answer is enough.
}
