import { useCallback } from 'react';
import { useQuery } from 'urql';
import { graphql } from '~/api/generated';
import { faultOf } from '~/api/graphql';
import type { Fault } from '~/domain/fault';

export const ME = graphql(`
  query Me {
    me {
      name
      roles
      permissions {
        verb
        everywhere
        partitions
        numberOfScopes
      }
    }
  }
`);

export interface Knowledge {
  readonly name: string;
  readonly roles: readonly string[];
  /** Tells whether the account may do something anywhere; yes until that is known. */
  readonly may: (verb: string) => boolean;
  /** Whether what the account may is known. */
  readonly isKnown: boolean;
  readonly fault: Fault | undefined;
  readonly reload: () => void;
}

/** Returns who is signed in, and what this account may do. */
export function useMe(): Knowledge {
  const [{ data, error }, ask] = useQuery({ query: ME, requestPolicy: 'cache-first' });
  const permissions = data?.me.permissions;
  const may = useCallback(
    (verb: string) => permissions?.some((one) => one.verb === verb) ?? true,
    [permissions],
  );
  const reload = useCallback(() => ask({ requestPolicy: 'network-only' }), [ask]);
  return {
    name: data?.me.name ?? '',
    roles: data?.me.roles ?? [],
    may,
    isKnown: permissions !== undefined,
    fault: error && faultOf(error),
    reload,
  };
}
