import { screen, waitFor, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { connection, serveGraph } from '~/test/graph';
import { open } from '~/test/page';

const EVIL = '<img src=x onerror="alert(1)">';
const TUMOUR = { event: { type: 'condition', code: { text: 'osteosarcoma' } } };
const CRITERIA = { v: 1, where: TUMOUR };
const KEY = '6d4a2a0e-8f0e-4f27-9b1f-0d3a6f0b1c11';
const SHARES = { verb: 'share_data', everywhere: true, partitions: [], numberOfScopes: 0 };
const OTHER = '7d4a2a0e-8f0e-4f27-9b1f-0d3a6f0b1c11';

function saved(id: string, name: string, more: object = {}) {
  const own = { description: '', owner: 'ada', isOwn: true, version: 2, sharedWith: [] };
  return { id, name, content: CRITERIA, ...own, ...more };
}

function told(value: number) {
  return { value, text: String(value) };
}

function served(more: Parameters<typeof serveGraph>[0] = {}) {
  return serveGraph({
    me: () => ({ name: 'ada', roles: [], permissions: [SHARES] }),
    cohortEstimate: () => 1200,
    cohortCount: () => ({
      numberOfPatients: told(6),
      numberPossible: told(0),
      attrition: [{ path: 'where', criterion: null, numberOfPatients: told(100) }],
    }),
    cohort: () => ({
      id: KEY,
      runId: KEY,
      day: '2026-01-01',
      seesPatients: false,
      numberOfPatients: told(6),
      outputs: [],
      charts: [],
    }),
    cohortDefinitions: () =>
      connection(
        [saved(KEY, EVIL), saved(OTHER, 'Theirs', { owner: 'eve', isOwn: false, sharedWith: [] })],
        null,
        { totalCount: 2 },
      ),
    ...more,
  });
}

const ADDRESS = `/ask?criteria=${encodeURIComponent(JSON.stringify(CRITERIA))}`;

test('the question is saved, and another one is opened or made a criterion', async () => {
  const changed = { __typename: 'ChangedDefinition', definition: saved(KEY, 'Tumours') };
  const { origin, asked } = await served({ saveCohortDefinition: () => changed });
  const router = open(ADDRESS, origin);
  await userEvent.click(await screen.findByRole('button', { name: 'Saved cohorts and sets' }));
  await userEvent.type(await screen.findByLabelText(/Name of the question/), 'Tumours{Enter}');
  await waitFor(() =>
    expect(asked.find(({ operation }) => operation === 'SaveDefinition')?.variables).toMatchObject({
      kind: 'COHORT',
      name: 'Tumours',
      content: CRITERIA,
    }),
  );
  const list = await screen.findByRole('list', { name: 'Cohorts that are saved' });
  expect(within(list).getByText(EVIL)).toBeDefined();
  expect(document.querySelector('img[src=x]')).toBeNull();
  // Of somebody else's nothing is changed, and it is named by its key.
  expect(screen.queryByRole('button', { name: 'Remove: Theirs' })).toBeNull();
  await userEvent.click(screen.getByRole('button', { name: 'Add as a criterion: Theirs' }));
  const where = { all: [TUMOUR, { cohort: OTHER }] };
  await waitFor(() =>
    expect(router.state.location.search).toEqual({
      criteria: JSON.stringify({ ...CRITERIA, where }),
    }),
  );
  // Shown it is its name.
  expect(await screen.findByRole('region', { name: 'In the cohort Theirs' })).toBeDefined();
});

test('why something cannot be shared is told', async () => {
  const fault = { __typename: 'Fault', code: 'FORBIDDEN', message: 'Ask who owns it.' };
  const { origin } = await served({ shareCohortDefinition: () => fault });
  open('/ask', origin);
  await userEvent.click(await screen.findByRole('button', { name: 'Saved cohorts and sets' }));
  await userEvent.click(await screen.findByRole('button', { name: `Share: ${EVIL}` }));
  await userEvent.click(await screen.findByLabelText('Who reads the whole partition'));
  expect((await screen.findByRole('alert')).textContent).toContain('Ask who owns it.');
});

test('something saved is shared with a project, renamed, and removed once it is sure', async () => {
  const changed = { __typename: 'ChangedDefinition', definition: saved(KEY, 'Tumours') };
  const { origin, asked } = await served({
    projects: () => connection([{ id: 'p', name: 'Lungs' }]),
    shareCohortDefinition: () => changed,
    renameCohortDefinition: () => changed,
    removeCohortDefinition: () => ({ __typename: 'RemovedDefinition', id: KEY }),
  });
  const sent = (name: string) => asked.find(({ operation }) => operation === name)?.variables;
  open('/ask', origin);
  await userEvent.click(await screen.findByRole('button', { name: 'Saved cohorts and sets' }));
  await userEvent.click(await screen.findByRole('button', { name: `Share: ${EVIL}` }));
  await userEvent.click(await screen.findByLabelText('Who sees the project Lungs'));
  await waitFor(() => expect(sent('ShareDefinition')).toEqual({ id: KEY, project: 'Lungs' }));
  await userEvent.click(screen.getByRole('button', { name: `Rename: ${EVIL}` }));
  const field = await screen.findByLabelText(`New name of ${EVIL}`);
  await userEvent.clear(field);
  await userEvent.type(field, 'Tumours{Enter}');
  await waitFor(() => expect(sent('RenameDefinition')).toEqual({ id: KEY, name: 'Tumours' }));
  await userEvent.click(screen.getByRole('button', { name: `Remove: ${EVIL}` }));
  expect(sent('RemoveDefinition')).toBeUndefined();
  await userEvent.click(await screen.findByRole('button', { name: 'Remove for good' }));
  await waitFor(() => expect(sent('RemoveDefinition')).toEqual({ id: KEY }));
  expect(screen.queryByRole('button', { name: 'Share: Theirs' })).toBeNull();
});

test('versions are shown, and an older one is asked again', async () => {
  const older = { v: 1, where: { patient: { gender: 'female' } } };
  const version = { savedBy: 'ada', savedAt: '2026-01-01T12:00:00Z' };
  const { origin } = await served({
    cohortDefinition: () => ({
      versions: [
        { number: 2, content: CRITERIA, ...version },
        { number: 1, content: older, ...version },
      ],
    }),
  });
  const router = open('/ask', origin);
  await userEvent.click(await screen.findByRole('button', { name: 'Saved cohorts and sets' }));
  await userEvent.click(await screen.findByRole('button', { name: 'Versions: Theirs' }));
  const versions = await screen.findByRole('list', { name: 'Versions of Theirs' });
  expect(within(versions).getAllByRole('listitem')).toHaveLength(2);
  await userEvent.click(screen.getByRole('button', { name: 'Open version 1 of Theirs' }));
  await waitFor(() =>
    expect(router.state.location.search).toEqual({ criteria: JSON.stringify(older) }),
  );
});

test('a saved cohort, and a concept set, are added as criteria', async () => {
  const { origin } = await served();
  const router = open(ADDRESS, origin);
  const where = () => JSON.parse(router.state.location.search.criteria ?? '{}').where;
  await userEvent.click(await screen.findByRole('button', { name: 'Add a criterion' }));
  const kind = await screen.findByLabelText('Kind');
  expect(document.activeElement).toBe(kind);
  await userEvent.selectOptions(kind, 'In a saved cohort');
  await screen.findByRole('option', { name: 'Theirs (of eve)' });
  await userEvent.selectOptions(screen.getByLabelText('Which cohort'), 'Theirs (of eve)');
  await userEvent.click(screen.getByRole('button', { name: 'Add' }));
  await waitFor(() => expect(where()).toEqual({ all: [TUMOUR, { cohort: OTHER }] }));
  const button = await screen.findByRole('button', { name: 'Add a criterion' });
  await waitFor(() => expect(document.activeElement).toBe(button));
  await userEvent.click(button);
  await userEvent.selectOptions(await screen.findByLabelText('Kind'), 'Medication');
  await userEvent.selectOptions(await screen.findByLabelText('Or a concept set'), EVIL);
  await userEvent.click(screen.getByRole('button', { name: 'Add' }));
  const drug = { event: { type: 'medication', code: { set: EVIL } } };
  await waitFor(() => expect(where()).toEqual({ all: [TUMOUR, { cohort: OTHER }, drug] }));
});

test('about how many is told while they are counted', async () => {
  let count = () => {};
  const counted = new Promise<void>((resolve) => {
    count = resolve;
  });
  const { origin } = await served({
    cohortCount: async () => {
      await counted;
      return { numberOfPatients: told(6), numberPossible: told(0), attrition: [] };
    },
  });
  open(ADDRESS, origin);
  expect(await screen.findByText(/About 1.200; counting/)).toBeDefined();
  count();
  await waitFor(() => expect(screen.queryByText(/counting/)).toBeNull());
});

test('a concept opens its codes; one is left out, and the rest is a set', async () => {
  const code = { system: 'http://x', code: 'C40', display: EVIL, numberOfPatients: 14 };
  const changed = { __typename: 'ChangedDefinition', definition: saved(KEY, 'Bones') };
  const { origin, asked } = await served({
    conceptCodes: () => [code, { system: '', code: '', display: 'osteosarcoma' }],
    saveCohortDefinition: () => changed,
  });
  const router = open(ADDRESS, origin);
  const shown = () => JSON.parse(router.state.location.search.criteria ?? '{}').where.event.code;
  await userEvent.click(
    await screen.findByRole('button', { name: 'Codes of Condition: osteosarcoma' }),
  );
  expect(await screen.findByText('It means 2 codes of the data.')).toBeDefined();
  expect(screen.getByRole('list', { name: 'Codes that it means' }).textContent).toContain(
    'C40 · 14 patients',
  );
  await userEvent.click(screen.getByRole('button', { name: `Leave out ${EVIL}` }));
  const rest = {
    anyOf: [{ text: 'osteosarcoma' }],
    not: [{ codes: [{ system: 'http://x', code: 'C40' }] }],
  };
  await waitFor(() => expect(shown()).toEqual(rest));
  await userEvent.type(await screen.findByLabelText('Save as a concept set'), 'Bones{Enter}');
  await waitFor(() => expect(shown()).toEqual({ set: 'Bones' }));
  const sent = asked.find(({ operation }) => operation === 'SaveDefinition');
  expect(sent?.variables).toMatchObject({ kind: 'SET', name: 'Bones', content: rest });
});
