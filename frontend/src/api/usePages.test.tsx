import { act, renderHook, waitFor } from '@testing-library/react';
import type { ReactNode } from 'react';
import { Provider } from 'urql';
import { expect, test } from 'vitest';
import { STUDIES } from '~/features/studies/queries';
import { connection, refused, serveGraph, study } from '~/test/graph';
import { createGraphClient } from './client';
import { usePages } from './usePages';

function follow(origin: string, first: string) {
  const client = createGraphClient({ origin });
  const wrapper = ({ children }: { readonly children: ReactNode }) => (
    <Provider value={client}>{children}</Provider>
  );
  return renderHook(
    ({ partition }) => usePages(STUDIES, { partition, first: 2 }, ({ studies }) => studies),
    { wrapper, initialProps: { partition: first } },
  );
}

function uids(rows: readonly { readonly studyInstanceUid: string }[]): string {
  return rows.map(({ studyInstanceUid }) => studyInstanceUid).join('');
}

interface Args {
  readonly partition: string;
  readonly after: string | null;
}

test('pages are added until there are no more', async () => {
  const graph = await serveGraph({
    studies: ({ after }: Args) =>
      after === null ? connection([study('a'), study('b')], 'B') : connection([study('c')]),
  });
  const { result } = follow(graph.origin, 'p');
  expect(result.current.isLoading).toBe(true);
  await waitFor(() => expect(uids(result.current.rows)).toBe('ab'));
  act(() => {
    result.current.loadMore();
    result.current.loadMore();
  });
  await waitFor(() => expect(uids(result.current.rows)).toBe('abc'));
  expect(result.current.hasMore).toBe(false);
  act(() => result.current.loadMore());
  expect(graph.asked.map(({ variables }) => variables['after'])).toEqual([null, 'B']);
});

test('rows stay until those of another question have come', async () => {
  const graph = await serveGraph({
    studies: ({ partition }: Args) => connection([study(partition)]),
  });
  const { result, rerender } = follow(graph.origin, 'x');
  await waitFor(() => expect(uids(result.current.rows)).toBe('x'));
  rerender({ partition: 'y' });
  expect(uids(result.current.rows)).toBe('x');
  expect(result.current.isLoading).toBe(true);
  await waitFor(() => expect(uids(result.current.rows)).toBe('y'));
});

test('a page that fails is told, and asked for again', async () => {
  let fails = true;
  const graph = await serveGraph({
    studies: ({ after }: Args) => {
      if (after === null) {
        return connection([study('a')], 'A');
      }
      return fails ? refused('BUSY') : connection([study('b')]);
    },
  });
  const { result } = follow(graph.origin, 'p');
  await waitFor(() => expect(result.current.hasMore).toBe(true));
  act(() => result.current.loadMore());
  await waitFor(() => expect(result.current.fault?.code).toBe('BUSY'));
  expect(uids(result.current.rows)).toBe('a');
  fails = false;
  act(() => result.current.reload());
  await waitFor(() => expect(result.current.fault).toBeUndefined());
  await waitFor(() => expect(uids(result.current.rows)).toBe('a'));
});
test('as many rows as there are come anew, and stay until then', async () => {
  let number = 3;
  const graph = await serveGraph({
    studies: ({ after }: Args) => {
      const all = ['a', 'b', 'c', 'd'].slice(0, number).map((uid) => study(uid));
      const begin = after === null ? 0 : Number(after);
      const end = begin + 2;
      return connection(all.slice(begin, end), end < all.length ? String(end) : null);
    },
  });
  const { result } = follow(graph.origin, 'p');
  await waitFor(() => expect(uids(result.current.rows)).toBe('ab'));
  act(() => result.current.loadMore());
  await waitFor(() => expect(uids(result.current.rows)).toBe('abc'));
  number = 4;
  act(() => void result.current.renew());
  expect(result.current.isLoading).toBe(false);
  expect(uids(result.current.rows)).toBe('abc');
  await waitFor(() => expect(uids(result.current.rows)).toBe('abcd'));
  expect(result.current.hasMore).toBe(false);
});

test('what was to come anew of another question is not shown', async () => {
  const held: (() => void)[] = [];
  let isHeld = false;
  const graph = await serveGraph({
    studies: async ({ partition }: Args) => {
      if (isHeld && partition === 'x') {
        await new Promise<void>((resolve) => held.push(resolve));
      }
      return connection([study(partition)]);
    },
  });
  const { result, rerender } = follow(graph.origin, 'x');
  await waitFor(() => expect(uids(result.current.rows)).toBe('x'));
  isHeld = true;
  const renewing = result.current.renew();
  await waitFor(() => expect(held.length).toBe(1));
  rerender({ partition: 'y' });
  await waitFor(() => expect(uids(result.current.rows)).toBe('y'));
  held[0]?.();
  await act(() => renewing);
  expect(uids(result.current.rows)).toBe('y');
});
