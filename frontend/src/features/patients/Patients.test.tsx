import { screen, waitFor } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { connection, serveGraph } from '~/test/graph';
import { open } from '~/test/page';

function patient(fhirId: string) {
  return { id: fhirId, fhirId, names: [{ text: `Name ${fhirId}` }], identifiers: [], sources: [] };
}

test('what is typed is looked for, and stands in the address', async () => {
  const { origin, asked } = await serveGraph({
    me: () => ({ name: 'ada', roles: [], permissions: [] }),
    patients: () => connection([patient('a'), patient('b')], null, { totalCount: 2 }),
  });
  const router = open('/patients', origin);
  expect(await screen.findByText('2 patients')).toBeDefined();
  await userEvent.type(screen.getByLabelText('Name or identifier'), 'lovelace');
  await userEvent.type(screen.getByLabelText('Born'), '1980-02');
  await userEvent.selectOptions(screen.getByLabelText('Sex'), 'Female');
  await waitFor(() =>
    expect(asked.at(-1)?.variables['filter']).toEqual({
      text: 'lovelace',
      birthDate: '1980-02',
      sex: 'female',
    }),
  );
  expect(router.state.location.search).toMatchObject({ text: 'lovelace', sex: 'female' });
});

test('the keys go down the list, and Enter opens the patient', async () => {
  const { origin } = await serveGraph({
    me: () => ({ name: 'ada', roles: [], permissions: [] }),
    patients: () => connection([patient('a'), patient('b')], null, { totalCount: 2 }),
    patient: () => null,
  });
  const router = open('/patients', origin);
  const grid = await screen.findByRole('grid', { name: 'Patients' });
  await waitFor(() => expect(grid.getAttribute('aria-busy')).toBe('false'));
  grid.focus();
  await userEvent.keyboard('{ArrowDown}{Enter}');
  await waitFor(() => expect(router.state.location.pathname).toBe('/patients/b'));
});
