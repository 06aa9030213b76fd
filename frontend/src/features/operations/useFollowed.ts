import { useEffect, useState } from 'react';
import { useClient, useSubscription } from 'urql';
import { graphql } from '~/api/generated';
import type { OperationNowFragment } from '~/api/generated/graphql';
import { isOpen } from '~/domain/operation';

graphql(`
  fragment OperationNow on Operation {
    id
    operationId
    kind
    state
    percent
    error
    numberOfErrors
    files {
      name
      href
      sizeBytes
      expiresAt
    }
  }
`);

const FOLLOWED = graphql(`
  subscription FollowedOperation($operationId: UUID!) {
    operation(operationId: $operationId) {
      ...OperationNow
    }
  }
`);

const ASKED = graphql(`
  query AskedOperation($id: ID!) {
    node(id: $id) {
      id
      ... on Operation {
        ...OperationNow
      }
    }
  }
`);

/** How long nothing may be told before it is asked for. */
const SILENCE_MS = 4_000;

/**
 * Returns an operation as it is now, while it goes on, and what tells of a change to it.
 *
 * It is told of each change. Where nothing has been told for a while it asks: networks
 * there are that let no WebSocket through, or cut it and say nothing.
 */
export function useFollowed(
  listed: OperationNowFragment,
): readonly [OperationNowFragment, (changed: OperationNowFragment) => void] {
  const { id, operationId } = listed;
  const client = useClient();
  const [known, know] = useState<OperationNowFragment>();
  // Who looks anew has it from the list.
  // biome-ignore lint/correctness/useExhaustiveDependencies: forgotten with what is listed
  useEffect(() => know(undefined), [listed]);
  const now = known ?? listed;
  const isStillOpen = isOpen(now.state);
  const [{ data }] = useSubscription({
    query: FOLLOWED,
    variables: { operationId },
    pause: !isStillOpen,
  });
  useEffect(() => {
    if (data !== undefined) {
      know(data.operation);
    }
  }, [data]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is told begins the silence anew
  useEffect(() => {
    if (!isStillOpen) {
      return;
    }
    const timer = setInterval(async () => {
      const asked = client.query(ASKED, { id }, { requestPolicy: 'network-only' });
      const node = (await asked.toPromise()).data?.node;
      if (node && 'state' in node) {
        know(node);
      }
    }, SILENCE_MS);
    return () => clearInterval(timer);
  }, [client, id, isStillOpen, data]);
  return [now, know];
}
