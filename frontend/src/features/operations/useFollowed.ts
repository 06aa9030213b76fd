import { useSubscription } from 'urql';
import { graphql } from '~/api/generated';
import type { FollowedOperationSubscription } from '~/api/generated/graphql';

const FOLLOWED = graphql(`
  subscription FollowedOperation($operationId: UUID!) {
    operation(operationId: $operationId) {
      id
      kind
      state
      percent
      error
      numberOfErrors
    }
  }
`);

/** Returns an operation as it is now, while it goes on; undefined until that is told. */
export function useFollowed(
  operationId: string,
  isFollowed: boolean,
): FollowedOperationSubscription['operation'] | undefined {
  const [{ data }] = useSubscription({
    query: FOLLOWED,
    variables: { operationId },
    pause: !isFollowed,
  });
  return data?.operation;
}
