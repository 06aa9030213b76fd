import { screen } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { connection, refused, serveGraph } from '~/test/graph';
import { open } from '~/test/page';

const ME = {
  name: 'ada',
  roles: [],
  permissions: ['read_data', 'manage_data'].map((verb) => ({
    verb,
    meaning: verb,
    everywhere: true,
    partitions: [],
    numberOfScopes: 0,
  })),
};

function operation(state: string) {
  return {
    id: 'one',
    operationId: '6a2f0c4e-0000-4000-8000-000000000000',
    kind: 'export',
    state,
    percent: 40,
    startedBy: 'ada',
    createdAt: '2026-11-26T10:00:00Z',
    updatedAt: '2026-11-26T10:00:00Z',
    numberOfErrors: 0,
    files: [],
  };
}

test('work is canceled, and tried again, where it is listed', async () => {
  let state = 'RUNNING';
  const changed = (next: string) => () => {
    state = next;
    return { __typename: 'ChangedOperation', operation: operation(next) };
  };
  const { origin, asked } = await serveGraph({
    me: () => ME,
    operations: () => connection([operation(state)], null, { totalCount: 1 }),
    node: () => ({ __typename: 'Operation', ...operation(state) }),
    cancelOperation: changed('CANCELED'),
    retryOperation: changed('NOT_STARTED'),
  });
  open('/operations', origin);
  await userEvent.click(await screen.findByRole('button', { name: 'Cancel: export' }));
  await userEvent.click(await screen.findByRole('button', { name: 'Try again: export' }));
  expect(await screen.findByText('Waiting')).toBeDefined();
  expect(screen.getByRole('button', { name: 'Cancel: export' })).toBeDefined();
  const mutations = asked.filter(({ operation: name }) => /^(Cancel|Retry)/.test(name));
  expect(mutations.map(({ variables }) => variables['operationId'])).toEqual(
    Array(2).fill(operation('').operationId),
  );
});

test('why work could not be canceled is told', async () => {
  const { origin } = await serveGraph({
    me: () => ME,
    operations: () => connection([operation('RUNNING')], null, { totalCount: 1 }),
    node: () => ({ __typename: 'Operation', ...operation('RUNNING') }),
    cancelOperation: () => refused('CONFLICT', 'The operation has ended already.'),
  });
  open('/operations', origin);
  await userEvent.click(await screen.findByRole('button', { name: 'Cancel: export' }));
  const alert = await screen.findByRole('alert');
  expect(alert.textContent).toContain('The operation has ended already.');
});
