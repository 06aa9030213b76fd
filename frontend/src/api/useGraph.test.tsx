import { renderHook, waitFor } from '@testing-library/react';
import type { ReactNode } from 'react';
import { Provider } from 'urql';
import { expect, test } from 'vitest';
import { COUNT } from '~/features/studies/queries';
import { connection, refused, serveGraph } from '~/test/graph';
import { createGraphClient } from './client';
import { useGraph } from './useGraph';

interface Args {
  readonly partition: string;
}

test('what was answered to another question is not shown', async () => {
  const { origin } = await serveGraph({
    studies: ({ partition }: Args) =>
      partition === 'denied'
        ? refused('FORBIDDEN')
        : connection([], null, { totalCount: partition.length }),
  });
  const client = createGraphClient({ origin });
  const wrapper = ({ children }: { readonly children: ReactNode }) => (
    <Provider value={client}>{children}</Provider>
  );
  const { result, rerender } = renderHook(
    ({ partition }) => useGraph(COUNT, { variables: { partition } }),
    { wrapper, initialProps: { partition: 'one' } },
  );
  const total = () => result.current.data?.studies.totalCount;
  await waitFor(() => expect(total()).toBe(3));
  rerender({ partition: 'denied' });
  expect(total()).toBeUndefined();
  await waitFor(() => expect(result.current.fault?.code).toBe('FORBIDDEN'));
  rerender({ partition: 'other' });
  expect(result.current.fault).toBeUndefined();
  await waitFor(() => expect(total()).toBe(5));
});
