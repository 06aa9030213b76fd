import { useCallback, useState } from 'react';
import { useClient } from 'urql';
import { faultOfChange } from '~/api/change';
import { faultOf } from '~/api/graphql';
import { useMe } from '~/app/me';
import type { Fault, FaultCode } from '~/domain/fault';
import { DEFAULT_PARTITION } from '~/domain/placeSearch';
import { isFor, wordsOfHolder } from '~/domain/workitemWords';
import { PRIORITIES, type WorklistSearch, workOf } from '~/domain/worklistSearch';
import { CLAIM } from './mutations';
import { NEXT, WORKITEM } from './queries';

/** Of each priority so many are looked at, since some may be for others. */
const LOOKED_AT = 20;
/** What is answered where somebody was quicker. */
const QUICKER: ReadonlySet<FaultCode> = new Set([
  'CLAIMED_BY_ANOTHER',
  'CONFLICT',
  'NO_SUCH_WORKITEM',
  'WORKITEM_REFUSED',
  'WRONG_TRANSACTION_UID',
]);
const NOTHING_LEFT = 'There is nothing left on this list that you may claim.';

/** What became of a claim. */
export interface Outcome {
  readonly text: string;
  readonly isRefusal: boolean;
}

export interface Claim {
  readonly isRunning: boolean;
  readonly outcome: Outcome | undefined;
  /** Why it failed, where nobody was quicker. */
  readonly fault: Fault | undefined;
  readonly claim: (uid: string) => Promise<void>;
  /** Claims the most urgent one that is for nobody else, and returns its UID. */
  readonly claimNext: () => Promise<string | undefined>;
  readonly forget: () => void;
}

interface State {
  readonly isRunning: boolean;
  readonly outcome?: Outcome;
  readonly fault?: Fault;
}

const REST: State = { isRunning: false };

/**
 * Claims workitems; who was not the first is told who was.
 *
 * @param onChanged - Called when the list is not as it was.
 */
export function useClaim(search: WorklistSearch, onChanged: () => void): Claim {
  const { name } = useMe();
  const client = useClient();
  const [state, setState] = useState<State>(REST);
  const partition = search.partition ?? DEFAULT_PARTITION;

  const tryOne = async (uid: string) => {
    const answer = await client.mutation(CLAIM, { uid, partition }).toPromise();
    return faultOfChange(answer, ({ result }) => result);
  };
  const claim = async (uid: string) => {
    setState({ isRunning: true });
    const fault = await tryOne(uid);
    onChanged();
    if (fault === undefined) {
      setState({ isRunning: false, outcome: { text: 'It is yours.', isRefusal: false } });
      return;
    }
    const asked = client.query(WORKITEM, { uid, partition }, { requestPolicy: 'network-only' });
    const now = (await asked.toPromise()).data?.workitem;
    setState(
      now && now.state !== 'SCHEDULED'
        ? { isRunning: false, outcome: { text: wordsOfHolder(now), isRefusal: true } }
        : { isRunning: false, fault },
    );
  };
  const claimNext = async () => {
    setState({ isRunning: true });
    const { high, medium, low } = filtersOf(search, name);
    const variables = { high, medium, low, partition, first: LOOKED_AT };
    const asked = client.query(NEXT, variables, { requestPolicy: 'network-only' });
    const { data, error } = await asked.toPromise();
    if (data === undefined || error) {
      setState({ isRunning: false, ...(error && { fault: faultOf(error) }) });
      return undefined;
    }
    const found = [data.high, data.medium, data.low].flatMap(({ edges }) => edges);
    const mine = found
      .map(({ node }) => node)
      .filter((row) => row.actions.includes('CLAIM') && isFor(row, name));
    for (const { uid } of mine) {
      const fault = await tryOne(uid);
      if (fault === undefined) {
        onChanged();
        setState({ isRunning: false, outcome: { text: 'It is yours.', isRefusal: false } });
        return uid;
      }
      // Somebody was quicker: the one after it, then.
      if (!QUICKER.has(fault.code)) {
        setState({ isRunning: false, fault });
        return undefined;
      }
    }
    onChanged();
    setState({ isRunning: false, outcome: { text: NOTHING_LEFT, isRefusal: true } });
    return undefined;
  };
  const forget = useCallback(() => setState(REST), []);
  const { isRunning, outcome, fault } = state;
  return { isRunning, outcome, fault, claim, claimNext, forget };
}

/** Returns what is scheduled of each priority; of those that the list leaves out, nothing. */
function filtersOf(search: WorklistSearch, name: string) {
  // Who looks at their own work wants more of it.
  const { whose: _whose, ...rest } = search;
  const of = { ...workOf(rest, name), state: ['SCHEDULED'] as const };
  const [high, medium, low] = PRIORITIES.map((priority) => ({ ...of, priority: [priority] }));
  return { high, medium, low };
}
