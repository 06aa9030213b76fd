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
