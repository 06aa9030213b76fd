import { useState } from 'react';
import { type AnyVariables, type TypedDocumentNode, useClient } from 'urql';
import { faultOfChange } from '~/api/change';
import type { Fault } from '~/domain/fault';

interface Answer {
  readonly result: object;
}

export interface Deed {
  readonly isRunning: boolean;
  readonly fault: Fault | undefined;
  readonly run: <Variables extends AnyVariables>(
    document: TypedDocumentNode<Answer, Variables>,
    variables: Variables,
  ) => void;
}

/** Does what a dialog asks for; what was refused is told, and the dialog stays. */
export function useDeed(onDone: () => void): Deed {
  const client = useClient();
  const [isRunning, setRunning] = useState(false);
  const [fault, setFault] = useState<Fault>();
  const run: Deed['run'] = (document, variables) => {
    setRunning(true);
    void client
      .mutation<Answer, AnyVariables>(document, variables)
      .toPromise()
      .then((answer) => {
        const refusal = faultOfChange(answer, ({ result }) => result);
        setRunning(false);
        setFault(refusal);
        if (refusal === undefined) {
          onDone();
        }
      });
  };
  return { isRunning, fault, run };
}
