import { screen, waitFor, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { connection, serveGraph, study } from '~/test/graph';
import { open } from '~/test/page';

const CONFLICT = {
  conflictId: 7,
  kind: 'contradiction',
  meaning: 'images and record contradict each other',
  studyInstanceUid: '1.2.3',
  foundAt: '2026-01-01T00:00:00Z',
  detail: {
    patient: 'ada',
    members: ['birthDate'],
    images: { birthDate: '1980-01-01' },
    record: { birthDate: '1990-01-01' },
  },
  study: study('1.2.3', { studyDescription: 'Chest', patientId: '17', issuerOfPatientId: 'urn:w' }),
};
const MERGED = {
  decisionId: 3,
  action: 'merge',
  about: ['urn:w|17', 'Patient/ada'],
  actor: 'eve',
  reason: 'same person',
  decidedAt: '2026-01-02T00:00:00Z',
  undoneAt: null,
};

function served(more: Parameters<typeof serveGraph>[0] = {}) {
  return serveGraph({
    me: () => ({ name: 'ada', roles: [], permissions: [] }),
    patientConflicts: () => connection([CONFLICT]),
    patientDecisions: () => [MERGED],
    ...more,
  });
}

test('a conflict says what contradicts what, and is resolved with a reason', async () => {
  let isOpen = true;
  const { origin, asked } = await served({
    patientConflicts: () => connection(isOpen ? [CONFLICT] : []),
    resolvePatientConflict: () => {
      isOpen = false;
      return { __typename: 'PatientConflict', ...CONFLICT };
    },
  });
  open('/matching', origin);
  expect(await screen.findByText('1980-01-01')).toBeDefined();
  expect(screen.getByRole('link', { name: 'ada' }).getAttribute('href')).toBe('/patients/ada');
  await userEvent.click(screen.getByRole('button', { name: 'Resolve' }));
  const dialog = await screen.findByRole('dialog', { name: 'Resolve the conflict?' });
  const confirm = within(dialog).getByRole('button', { name: 'Resolve' });
  expect(confirm).toHaveProperty('disabled', true);
  await userEvent.type(within(dialog).getByLabelText(/Reason/), 'typed wrong');
  await userEvent.click(confirm);
  expect(await screen.findByText('All studies have found their patients')).toBeDefined();
  const sent = asked.find(({ operation }) => operation === 'ResolveConflict');
  expect(sent?.variables).toMatchObject({ id: 7, reason: 'typed wrong' });
});

test('a merge that is refused says why, and stays open', async () => {
  const { origin, asked } = await served({
    mergePatients: () => ({
      __typename: 'Fault',
      code: 'CONFLICT',
      message: 'This has been said already.',
    }),
  });
  open('/matching', origin);
  await userEvent.click(await screen.findByRole('button', { name: 'Merge' }));
  const dialog = await screen.findByRole('dialog', { name: 'One patient' });
  await userEvent.type(within(dialog).getByLabelText(/Patient of the record/), 'ada');
  await userEvent.type(within(dialog).getByLabelText(/Reason/), 'same');
  await userEvent.click(within(dialog).getByRole('button', { name: 'Merge' }));
  expect(await within(dialog).findByText('This has been said already.')).toBeDefined();
  const sent = asked.find(({ operation }) => operation === 'MergePatients');
  expect(sent?.variables).toMatchObject({
    one: { system: 'urn:w', value: '17' },
    other: { patient: 'ada' },
  });
});

test('what was decided is undone', async () => {
  let undoneAt: string | null = null;
  const { origin } = await served({
    patientDecisions: () => [{ ...MERGED, undoneAt }],
    undoPatientDecision: () => {
      undoneAt = '2026-02-01T00:00:00Z';
      return { __typename: 'PatientDecision', ...MERGED };
    },
  });
  open('/matching', origin);
  const table = await screen.findByRole('table', { name: 'What was decided' });
  await userEvent.click(within(table).getByRole('button', { name: 'Undo' }));
  const dialog = await screen.findByRole('dialog', { name: 'Undo the decision?' });
  await userEvent.type(within(dialog).getByLabelText(/Reason/), 'wrong');
  await userEvent.click(within(dialog).getByRole('button', { name: 'Undo' }));
  await waitFor(() => expect(within(table).getByText('Undone 2026-02-01')).toBeDefined());
});
