import type { Client } from 'urql';
import { FaultError, isPassing } from '~/domain/fault';
import { keyOf, type Uids } from '~/domain/part10';
import { graphql } from './generated';
import { faultOf } from './graphql';

const HELD = graphql(`
  query HeldInstances($uids: [UI!]!, $partition: String!, $first: Int!) {
    instances(filter: { sopInstanceUid: $uids }, partition: $partition, first: $first) {
      edges {
        node {
          studyInstanceUid
          seriesInstanceUid
          sopInstanceUid
        }
      }
    }
  }
`);

/** How many are asked for at once: the graph's largest page. */
export const MOST_ASKED = 200;

/**
 * Returns which of some instances are held, by `keyOf`.
 *
 * Who may not look is told nothing, and sends all: the server says then what it holds.
 */
export async function findHeld(
  client: Client,
  partition: string,
  asked: readonly Uids[],
): Promise<ReadonlySet<string>> {
  const uids = asked.map(({ instance }) => instance);
  const variables = { uids, partition, first: MOST_ASKED };
  const { data, error } = await client
    .query(HELD, variables, { requestPolicy: 'network-only' })
    .toPromise();
  const fault = error && faultOf(error);
  if (fault !== undefined && isPassing(fault)) {
    throw new FaultError(fault);
  }
  const nodes = data?.instances.edges.map(({ node }) => node) ?? [];
  return new Set(
    nodes.map((node) =>
      keyOf({
        study: node.studyInstanceUid,
        series: node.seriesInstanceUid,
        instance: node.sopInstanceUid,
      }),
    ),
  );
}
