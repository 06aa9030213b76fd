import { screen, waitFor, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { connection, serveGraph, study } from '~/test/graph';
import { open } from '~/test/page';
import { COLUMNS, rowOf } from '~/test/timeline';

const ROWS = [
  rowOf('CONDITION', '2019-01-05', { label: 'Osteosarcoma', resource: 'Condition/c' }),
  rowOf('IMAGING', '2019-02-01', { label: 'Leg', category: 'MR', studies: ['1.2.1'] }),
  rowOf('REPORT', '2019-02-01', { label: 'MR leg', resource: 'DiagnosticReport/r' }),
  rowOf('IMAGING', '2020-02-01', { label: 'Chest', category: 'CT', studies: ['1.2.2'] }),
  rowOf('PROCEDURE', '2020-03-01', { label: 'Resection', isCounted: false, status: 'not-done' }),
];
const LINKED = {
  how: 'reference',
  isSuggestion: false,
  report: { fhirId: 'r', text: 'No metastasis.', code: { text: 'MR leg' } },
};

function served(rows: readonly unknown[] = ROWS) {
  return serveGraph({
    me: () => ({ name: 'ada', roles: [], permissions: [] }),
    patient: () => ({
      id: 'p',
      fhirId: 'p',
      names: [{ text: 'Ada Lovelace', use: 'official' }, { text: 'エイダ' }],
      identifiers: [{ system: 'urn:mrn', value: '17' }],
      sources: ['dicom'],
      sex: 'female',
      birthDate: '1980-01-01',
      deceased: true,
      deceasedAt: '2021-01-01',
      timeline: { columns: COLUMNS, rows, numberOfEvents: rows.length, hasMore: false },
      events: ({ ids }: { ids: string[] }) =>
        ids.includes('Condition/c') ? [] : [{ __typename: 'Report', fhirId: 'r', text: 'Words' }],
    }),
    study: ({ studyInstanceUid }: { studyInstanceUid: string }) =>
      study(studyInstanceUid, {
        series: () => connection([], null, { totalCount: 0 }),
        orders: [],
        reports: [LINKED],
      }),
  });
}

async function line() {
  return await screen.findByRole('application', { name: 'Time line' });
}

test('the patient is told, with names in all scripts, and how old it was', async () => {
  const { origin, asked } = await served();
  open('/patients/p', origin);
  expect(await screen.findByRole('heading', { level: 1, name: 'Ada Lovelace' })).toBeDefined();
  for (const words of ['エイダ', 'Female', '17', 'Died 2021-01-01', 'Images alone', '41']) {
    expect(screen.getByText(words)).toBeDefined();
  }
  // All that happened comes with one question.
  expect(asked.filter(({ operation }) => operation === 'PatientOfPage')).toHaveLength(1);
});

test('the keys go from event to event and open one', async () => {
  const { origin } = await served();
  const router = open('/patients/p', origin);
  (await line()).focus();
  await userEvent.keyboard('{ArrowRight}{Home}');
  const told = within(await line()).getByRole('status');
  expect(told.textContent).toContain('Imaging, 1 of 2');
  await userEvent.keyboard('{ArrowRight}');
  expect(told.textContent).toBe('CT: Chest, 2020-02-01. Imaging, 2 of 2.');
  await userEvent.keyboard('{ArrowDown}');
  expect(told.textContent).toContain('Osteosarcoma');
  await userEvent.keyboard('{ArrowUp}{Home}{Enter}');
  const panel = await screen.findByRole('region', { name: 'The chosen event' });
  expect(await within(panel).findByText('No metastasis.')).toBeDefined();
  expect(within(panel).getByText('Report: MR leg')).toBeDefined();
  expect(router.state.location.search).toMatchObject({ at: '1.2.1' });
});

test('two chosen studies are opened side by side, the older one first', async () => {
  const { origin } = await served();
  const router = open('/patients/p', origin);
  (await line()).focus();
  await userEvent.keyboard('{ArrowRight}{End} ');
  expect(await screen.findByText(/choose another/)).toBeDefined();
  await userEvent.keyboard('{Home} ');
  const link = await screen.findByRole('link', { name: 'Open both side by side' });
  expect(link.getAttribute('href')).toBe('/studies/1.2.1/viewer?beside=1.2.2');
  expect(router.state.location.search).toMatchObject({ chosen: '1.2.2,1.2.1' });
});

test('the keys zoom and move, and the address says what is shown', async () => {
  const { origin } = await served();
  const router = open('/patients/p', origin);
  (await line()).focus();
  await userEvent.keyboard('+++');
  await waitFor(() => expect(router.state.location.search).toHaveProperty('from'));
  const { from } = router.state.location.search as { from: string };
  await userEvent.keyboard('{Shift>}{ArrowRight}{/Shift}');
  await waitFor(() => {
    const search = router.state.location.search as { from: string };
    expect(search.from > from).toBe(true);
  });
  await userEvent.click(screen.getByRole('button', { name: 'Show all days' }));
  await waitFor(() => expect(router.state.location.search).not.toHaveProperty('from'));
});

test('the table says the same, by date both ways, and opens what it lists', async () => {
  const { origin } = await served();
  open('/patients/p?as=table', origin);
  const table = await screen.findByRole('table', { name: 'Time line' });
  const cells = () =>
    within(table)
      .getAllByRole('row')
      .slice(1)
      .map((row) => within(row).getByRole('button').textContent);
  expect(cells()).toEqual(['CT: Chest', 'MR leg', 'MR: Leg', 'Osteosarcoma']);
  await userEvent.click(within(table).getByRole('button', { name: /Date/ }));
  expect(cells()).toEqual(['Osteosarcoma', 'MR: Leg', 'MR leg', 'CT: Chest']);
  await userEvent.click(within(table).getByRole('button', { name: 'Osteosarcoma' }));
  expect(await screen.findByRole('region', { name: 'The chosen event' })).toBeDefined();
});

test('lanes are left out, and what was not done is shown where it is wanted', async () => {
  const { origin } = await served();
  const router = open('/patients/p?as=table', origin);
  const table = await screen.findByRole('table', { name: 'Time line' });
  await userEvent.click(screen.getByRole('checkbox', { name: 'Imaging 2' }));
  await waitFor(() => expect(within(table).queryByText('CT: Chest')).toBeNull());
  expect(router.state.location.search).toMatchObject({
    lanes: expect.not.stringContaining('imag'),
  });
  expect(within(table).queryByText('Resection')).toBeNull();
  await userEvent.click(screen.getByRole('switch', { name: /not done/ }));
  expect(await within(table).findByText('not-done')).toBeDefined();
});

test('who has no events yet is said to have none', async () => {
  const { origin } = await served([]);
  open('/patients/p', origin);
  expect(await screen.findByText('Nothing is known of this patient yet')).toBeDefined();
});

test('five thousand events make no more marks than there is room for', async () => {
  const rows = Array.from({ length: 5_000 }, (_, at) =>
    rowOf('REPORT', `${1980 + (at % 40)}-0${1 + (at % 9)}-1${at % 10}`, { label: `R${at}` }),
  ).sort((a, b) => String(a[1]).localeCompare(String(b[1])));
  const { origin } = await served(rows);
  open('/patients/p', origin);
  const chart = await line();
  expect(within(chart).getByText('5000')).toBeDefined();
  expect(chart.querySelectorAll('g[data-count]').length).toBeLessThan(100);
});
