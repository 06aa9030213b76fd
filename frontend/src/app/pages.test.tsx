import { screen, waitFor } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { connection, refused, serveGraph } from '~/test/graph';
import { open } from '~/test/page';

function me(...verbs: readonly string[]) {
  return () => ({
    name: 'ada',
    roles: ['Radiologist'],
    permissions: verbs.map((verb) => ({
      verb,
      meaning: verb,
      everywhere: true,
      partitions: [],
      numberOfScopes: 0,
    })),
  });
}

const ASKING = [
  '/ask?q=who',
  '/studies',
  '/operations',
  '/studies/1.2.3',
  '/studies/1.2.3/viewer',
  '/patients',
  '/patients/p',
  '/matching',
  '/worklist',
];
const UNREAD = () => ({
  criteria: null,
  ask: [{ slot: 'question', options: [], start: 0, end: 0 }],
  readback: '',
  assumptions: [],
  unused: [],
  concepts: [],
  absent: [],
  suggestions: [],
});
const NOTHING = () => connection([], null, { totalCount: 0 });

test.each([
  ['/ask', 'For example'],
  ['/ask?q=who', 'The question was not understood'],
  ['/', 'There are no studies that you may see'],
  ['/studies', 'There are no studies that you may see'],
  ['/studies?patient=nobody', 'No study matches'],
  ['/operations', 'There is no long work of yours'],
  ['/patients', 'There are no patients that you may see'],
  ['/patients?text=nobody', 'No patient matches'],
  ['/worklist', 'There is nothing to do that you may see'],
  ['/worklist?priority=HIGH', 'No workitem matches'],
  ['/matching', 'All studies have found their patients'],
  ['/patients/p', 'There is nothing here that you may see'],
  ['/studies/1.2.3', 'There is nothing here that you may see'],
  ['/studies/1.2.3/viewer', 'There is nothing here that you may see'],
  ['/no/such/page', 'There is no page at this address'],
])('%s says that there is nothing, and what to do', async (path, words) => {
  const { origin } = await serveGraph({
    me: me('read_data', 'view_phi'),
    ask: UNREAD,
    studies: NOTHING,
    projects: NOTHING,
    operations: NOTHING,
    study: () => null,
    patients: NOTHING,
    patient: () => null,
    patientConflicts: NOTHING,
    worklists: NOTHING,
    workitems: NOTHING,
    patientDecisions: () => [],
  });
  open(path, origin);
  expect(await screen.findByText(words)).toBeDefined();
});

test.each(ASKING)('%s says who may not see it', async (path) => {
  const denied = () => refused('FORBIDDEN', 'Your roles do not allow you to see data.');
  const { origin } = await serveGraph({
    me: me('read_audit'),
    ask: denied,
    studies: denied,
    operations: denied,
    study: denied,
    patients: denied,
    patient: denied,
    patientConflicts: denied,
    worklists: denied,
    workitems: denied,
    patientDecisions: denied,
  });
  open(path, origin);
  expect((await screen.findByRole('alert')).textContent).toContain('You may not see this');
  for (const name of ['Try again', 'Columns', 'Views']) {
    expect(screen.queryByRole('button', { name })).toBeNull();
  }
  await waitFor(() => expect(screen.queryByRole('link', { name: 'Studies' })).toBeNull());
});

test.each(ASKING)('%s fails, and is tried again', async (path) => {
  let isBusy = true;
  const busy = <Answer,>(answer: () => Answer) => {
    return () => (isBusy ? refused('BUSY', 'The database is away.') : answer());
  };
  const { origin } = await serveGraph({
    me: me('read_data'),
    ask: busy(UNREAD),
    studies: busy(NOTHING),
    operations: busy(NOTHING),
    study: busy(() => null),
    patients: busy(NOTHING),
    patient: busy(() => null),
    patientConflicts: busy(NOTHING),
    worklists: busy(NOTHING),
    workitems: busy(NOTHING),
    patientDecisions: busy(() => []),
  });
  open(path, origin);
  const alert = await screen.findByRole('alert');
  expect(alert.textContent).toContain('The portal is busy');
  expect(alert.textContent).toContain('The database is away.');
  isBusy = false;
  await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
  await waitFor(() => expect(screen.queryByText('The portal is busy')).toBeNull());
});

test('whoever may not search by who patients are has no fields for it', async () => {
  const { origin } = await serveGraph({ me: me('read_data'), studies: NOTHING });
  open('/studies', origin);
  expect(await screen.findByText('There are no studies that you may see')).toBeDefined();
  await waitFor(() => expect(screen.queryByLabelText('Patient name')).toBeNull());
  expect(screen.getByRole('button', { name: 'Narrow' })).toBeDefined();
});

test('whoever may not store is told so, and asked for no files', async () => {
  const { origin } = await serveGraph({ me: me('read_data'), partitions: NOTHING });
  open('/upload', origin);
  expect((await screen.findByRole('alert')).textContent).toContain('You may not see this');
  expect(screen.queryByRole('button', { name: 'Choose a folder' })).toBeNull();
});

test('a page without a server says so', async () => {
  open('/studies', 'http://127.0.0.1:9');
  expect((await screen.findByRole('alert')).textContent).toContain('cannot be reached');
});
