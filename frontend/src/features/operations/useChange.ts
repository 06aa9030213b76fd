import { useState } from 'react';
import { useMutation } from 'urql';
import { faultOfChange } from '~/api/change';
import { graphql } from '~/api/generated';
import type { OperationNowFragment } from '~/api/generated/graphql';
import type { Fault } from '~/domain/fault';

const CANCEL = graphql(`
  mutation CancelOperation($operationId: UUID!) {
    cancelOperation(operationId: $operationId) {
      ... on ChangedOperation {
        operation {
          ...OperationNow
        }
      }
      ... on Fault {
        code
        message
      }
    }
  }
`);

const RETRY = graphql(`
  mutation RetryOperation($operationId: UUID!) {
    retryOperation(operationId: $operationId) {
      ... on ChangedOperation {
        operation {
          ...OperationNow
        }
      }
      ... on Fault {
        code
        message
      }
    }
  }
`);

interface Change {
  readonly change: (how: 'cancel' | 'retry') => Promise<void>;
  readonly isChanging: boolean;
  /** Whether it was canceled while a worker is at it, who ends after the step. */
  readonly isEnding: boolean;
  readonly fault: Fault | undefined;
}

/** Cancels an operation, or has it go on where it ended. */
export function useChange(
  { operationId }: Pick<OperationNowFragment, 'operationId'>,
  onChanged: (operation: OperationNowFragment) => void,
): Change {
  const [canceling, cancel] = useMutation(CANCEL);
  const [retrying, retry] = useMutation(RETRY);
  const [isEnding, setEnding] = useState(false);
  const [fault, setFault] = useState<Fault>();
  const change = async (how: 'cancel' | 'retry') => {
    setEnding(how === 'cancel');
    const { data, error } =
      how === 'cancel' ? await cancel({ operationId }) : await retry({ operationId });
    const answer = data && ('cancelOperation' in data ? data.cancelOperation : data.retryOperation);
    const refusal = faultOfChange({ data: answer, error }, (one) => one);
    setFault(refusal);
    if (refusal !== undefined) {
      setEnding(false);
    }
    if (answer && 'operation' in answer) {
      onChanged(answer.operation);
    }
  };
  return { change, isChanging: canceling.fetching || retrying.fetching, isEnding, fault };
}
