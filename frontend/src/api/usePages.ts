import { useCallback, useEffect, useMemo, useReducer, useRef } from 'react';
import {
  type AnyVariables,
  type Client,
  type OperationResult,
  type TypedDocumentNode,
  useClient,
} from 'urql';
import type { Fault } from '~/domain/fault';
import { faultOf } from './graphql';

/** The most that the graph gives at once. */
const LARGEST_PAGE = 200;

export interface Connection<Row> {
  readonly edges: readonly { readonly node: Row }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor?: string | null };
}

export interface Pages<Row> {
  readonly rows: readonly Row[];
  readonly hasMore: boolean;
  /** Whether the first page of what is asked for now is still to come. */
  readonly isLoading: boolean;
  readonly isLoadingMore: boolean;
  readonly fault: Fault | undefined;
  readonly loadMore: () => void;
  readonly reload: () => void;
  /**
   * Asks for all rows that are there anew, which stay until the answer has come.
   *
   * @returns Whether they could be had.
   */
  readonly renew: () => Promise<boolean>;
}

interface State<Row> {
  readonly rows: readonly Row[];
  readonly cursor: string | null;
  readonly hasMore: boolean;
  readonly waitsFor: 'first' | 'next' | undefined;
  readonly fault: Fault | undefined;
}

type Step<Row> =
  | { readonly kind: 'ask'; readonly first: boolean }
  | { readonly kind: 'page'; readonly first: boolean; readonly page: Connection<Row> }
  | { readonly kind: 'anew'; readonly rows: readonly Row[]; readonly page: Connection<Row> }
  | { readonly kind: 'fault'; readonly fault: Fault };

/**
 * Asks the graph for a list page by page, as far as somebody scrolls.
 *
 * Where something else is asked for, the rows stay until the first page of it has come,
 * and what was under way is canceled.
 */
export function usePages<Data, Variables extends AnyVariables, Row>(
  document: TypedDocumentNode<Data, Variables>,
  variables: Omit<Variables & object, 'after'>,
  pick: (data: Data) => Connection<Row>,
): Pages<Row> {
  const client = useClient();
  const [state, dispatch] = useReducer(advance<Row>, undefined, begin<Row>);
  const running = useRef<{ unsubscribe: () => void } | undefined>(undefined);
  const picked = useRef(pick);
  picked.current = pick;
  const key = JSON.stringify(variables);
  // The same question with other objects is the same question.
  const asked = useMemo(() => JSON.parse(key) as typeof variables, [key]);

  const ask = useCallback(
    (after: string | null) => {
      running.current?.unsubscribe();
      const first = after === null;
      dispatch({ kind: 'ask', first });
      const hear = ({ data, error }: OperationResult<Data>) => {
        // Whoever asks the same later, here or elsewhere, has an answer of their own.
        running.current?.unsubscribe();
        if (error) {
          dispatch({ kind: 'fault', fault: faultOf(error) });
        } else if (data) {
          dispatch({ kind: 'page', first, page: picked.current(data) });
        }
      };
      const all = { ...asked, after } as unknown as Variables;
      running.current = client
        .query(document, all, { requestPolicy: 'network-only' })
        .subscribe(hear);
    },
    [client, document, asked],
  );

  useEffect(() => {
    ask(null);
    return () => running.current?.unsubscribe();
  }, [ask]);

  const { cursor, hasMore, waitsFor, fault } = state;
  const loadMore = useCallback(() => {
    if (hasMore && cursor !== null && waitsFor === undefined && fault === undefined) {
      ask(cursor);
    }
  }, [ask, cursor, hasMore, waitsFor, fault]);
  const reload = useCallback(() => ask(null), [ask]);
  const latest = useRef({ asked, state });
  latest.current = { asked, state };
  const isOwed = useRef(false);
  const renew = useCallback(async () => {
    isOwed.current = latest.current.state.waitsFor !== undefined;
    if (isOwed.current || latest.current.state.fault !== undefined) {
      return true; // what fails is asked for by hand
    }
    const { length } = latest.current.state.rows;
    const found = await askAnew(client, document, asked, length, picked.current);
    // What cannot be had now leaves what is there.
    if (found === undefined || latest.current.asked !== asked) {
      return found !== undefined;
    }
    isOwed.current = latest.current.state.waitsFor !== undefined;
    dispatch({ kind: 'anew', ...found });
    return true;
  }, [client, document, asked]);
  useEffect(() => {
    // What was on its way may be older than the news of a change.
    if (waitsFor === undefined && isOwed.current) {
      void renew();
    }
  }, [waitsFor, renew]);
  return {
    rows: state.rows,
    hasMore,
    isLoading: waitsFor === 'first',
    isLoadingMore: waitsFor === 'next',
    fault,
    loadMore,
    reload,
    renew,
  };
}

/** Asks for so many rows or more, page by page; undefined where one of them fails. */
async function askAnew<Data, Variables extends AnyVariables, Row>(
  client: Client,
  document: TypedDocumentNode<Data, Variables>,
  asked: { readonly first?: number },
  number: number,
  pick: (data: Data) => Connection<Row>,
): Promise<{ readonly rows: readonly Row[]; readonly page: Connection<Row> } | undefined> {
  const rows: Row[] = [];
  let after: string | null = null;
  // Few large pages are asked for sooner than many small ones.
  const first = Math.min(Math.max(asked.first ?? 0, number), LARGEST_PAGE);
  for (;;) {
    const variables = { ...asked, first, after } as unknown as Variables;
    const answer: OperationResult<Data> = await client
      .query(document, variables, { requestPolicy: 'network-only' })
      .toPromise();
    if (answer.error || answer.data === undefined) {
      return undefined;
    }
    const page = pick(answer.data);
    rows.push(...page.edges.map(({ node }) => node));
    after = page.pageInfo.endCursor ?? null;
    if (rows.length >= number || !page.pageInfo.hasNextPage || after === null) {
      return { rows, page };
    }
  }
}

function begin<Row>(): State<Row> {
  return { rows: [], cursor: null, hasMore: false, waitsFor: 'first', fault: undefined };
}

function advance<Row>(state: State<Row>, step: Step<Row>): State<Row> {
  switch (step.kind) {
    case 'ask':
      return { ...state, waitsFor: step.first ? 'first' : 'next', fault: undefined };
    case 'anew': {
      // While a page is on its way the rows before it have to stay.
      const { hasNextPage, endCursor = null } = step.page.pageInfo;
      return state.waitsFor === undefined
        ? { ...state, rows: step.rows, cursor: endCursor, hasMore: hasNextPage }
        : state;
    }
    case 'fault':
      return {
        ...state,
        rows: state.waitsFor === 'first' ? [] : state.rows,
        waitsFor: undefined,
        fault: step.fault,
      };
    case 'page': {
      const nodes = step.page.edges.map(({ node }) => node);
      const { hasNextPage, endCursor = null } = step.page.pageInfo;
      return {
        rows: step.first ? nodes : [...state.rows, ...nodes],
        cursor: endCursor,
        hasMore: hasNextPage,
        waitsFor: undefined,
        fault: undefined,
      };
    }
  }
}
