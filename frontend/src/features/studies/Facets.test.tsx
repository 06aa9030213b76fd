import { screen, waitFor } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { connection, refused, serveGraph, study } from '~/test/graph';
import { open } from '~/test/page';

interface Given {
  readonly verbs?: readonly string[];
  readonly studyFacets: (given: { readonly facets: readonly string[] }) => unknown;
}

function serve({ verbs = ['read_data', 'view_phi'], studyFacets }: Given) {
  const permissions = verbs.map((verb) => ({
    verb,
    meaning: verb,
    everywhere: true,
    partitions: [],
    numberOfScopes: 0,
  }));
  return serveGraph({
    me: () => ({ name: 'ada', roles: [], permissions, views: [] }),
    studies: () => connection([study('1.2.3')], null, { totalCount: 1 }),
    studyFacets,
  });
}

function counted(...of: readonly (readonly [string, readonly string[]])[]) {
  return () =>
    of.map(([name, values]) => ({ name, values: values.map((value) => ({ value, count: 1 })) }));
}

test('a choice goes into the address, and is asked for', async () => {
  const { origin, asked } = await serve({
    studyFacets: counted(['MODALITY', ['CT', 'MR']], ['MANUFACTURER_MODEL', ['a,b']]),
  });
  const router = open('/studies?modality=CT', origin);
  await userEvent.click(await screen.findByRole('button', { name: 'Narrow (1)' }));
  expect((await screen.findByRole('checkbox', { name: 'CT 1' })).matches(':checked')).toBe(true);
  await userEvent.click(screen.getByRole('checkbox', { name: 'a,b 1' }));
  await waitFor(() =>
    expect(router.state.location.search).toEqual({ modality: 'CT', model: 'a\\,b' }),
  );
  await waitFor(() => {
    const filters = asked
      .filter(({ operation }) => operation === 'StudiesFacets')
      .map(({ variables }) => variables['filter']);
    const facets = [
      { name: 'MODALITY', anyOf: ['CT'] },
      { name: 'MANUFACTURER_MODEL', anyOf: ['a,b'] },
    ];
    expect(filters.at(-1)).toEqual({ facets });
  });
});

test('years are not asked for by who may not see whose studies they are', async () => {
  const { origin, asked } = await serve({ verbs: ['read_data'], studyFacets: counted() });
  open('/studies', origin);
  await userEvent.click(await screen.findByRole('button', { name: 'Narrow' }));
  expect(await screen.findByText('There is nothing to narrow by.')).toBeDefined();
  const last = asked.filter(({ operation }) => operation === 'StudiesFacets').at(-1);
  expect(last?.variables['facets']).toEqual([
    'MODALITY',
    'BODY_PART',
    'MANUFACTURER_MODEL',
    'PATIENT_SEX',
  ]);
});

test('facets that are refused are not offered', async () => {
  const { origin } = await serve({ studyFacets: () => refused('FORBIDDEN') });
  open('/studies', origin);
  expect(await screen.findByText('1 study')).toBeDefined();
  await waitFor(() => expect(screen.queryByRole('button', { name: 'Narrow' })).toBeNull());
  expect(screen.queryByRole('alert')).toBeNull();
});

test('facets that could not be counted are counted anew', async () => {
  let isBusy = true;
  const { origin } = await serve({
    studyFacets: () =>
      isBusy ? refused('BUSY', 'The database is away.') : counted(['MODALITY', ['CT']])(),
  });
  open('/studies', origin);
  await userEvent.click(await screen.findByRole('button', { name: 'Narrow' }));
  expect(await screen.findByText(/could not be counted. The database is away/)).toBeDefined();
  isBusy = false;
  await userEvent.click(screen.getByRole('button', { name: 'Count anew' }));
  expect(await screen.findByRole('checkbox', { name: 'CT 1' })).toBeDefined();
});
