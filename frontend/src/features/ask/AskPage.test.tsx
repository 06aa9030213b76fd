import { screen, waitFor, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { connection, refused, serveGraph } from '~/test/graph';
import { open } from '~/test/page';

const EVIL = '<img src=x onerror="alert(1)">';
const AGE = { patient: { age: { gt: 45 } } };
const TUMOUR = { event: { type: 'condition', code: { text: 'osteosarcoma' } } };
const CRITERIA = {
  v: 1,
  where: { all: [AGE, TUMOUR] },
  output: [{ what: 'medication' }, { what: 'imaging' }],
};
const QUESTION = {
  criteria: CRITERIA,
  ask: [],
  readback: 'patients older than 45 with osteosarcoma',
  assumptions: [],
  unused: [],
  concepts: [],
  absent: [],
  suggestions: [],
};
const RUN = '6d4a2a0e-8f0e-4f27-9b1f-0d3a6f0b1c11';

function told(value: number | null, isProtected = value === null) {
  return { value, text: value === null ? '<5' : String(value), isProtected };
}

function counts(...left: readonly (number | null)[]) {
  const nodes = [null, AGE, TUMOUR];
  return {
    numberOfPatients: told(left.at(-1) ?? null),
    numberPossible: told(0),
    questionsToday: null,
    mostQuestionsADay: null,
    attrition: left.map((number, at) => ({
      path: at === 0 ? 'where' : `where.all.${at - 1}`,
      criterion: nodes[at] ?? null,
      numberOfPatients: told(number),
    })),
  };
}

function event(kind: string, label: string, more: object = {}) {
  return {
    kind,
    label,
    category: '',
    value: '',
    unit: '',
    status: 'completed',
    startFirst: '2025-03-01',
    startLast: '2025-03-31',
    studies: [],
    ...more,
  };
}

const REASON = { leaf: 1, numberOfEvents: 4, event: event('CONDITION', 'Osteosarcoma') };
const PATIENT = {
  cursor: 'c1',
  identifiers: [{ system: 'urn:ward', value: 'W-1' }],
  reasons: [REASON],
  fhirIds: ['ada'],
  sex: 'female',
  deceased: false,
  patient: { id: 'ada', names: [{ text: 'Ada Wolf' }] },
};

function row(of: object) {
  return {
    event: of,
    identifiers: [],
    leaves: [],
    reasons: [REASON],
    patientIds: ['ada'],
    series: [],
  };
}

function run(more: object = {}) {
  return {
    id: RUN,
    runId: RUN,
    day: '2026-01-01',
    hasChanged: false,
    sight: 'NAMES',
    projectName: null,
    numberOfPatients: told(6),
    outputs: [
      {
        place: 0,
        what: 'medication',
        rows: () => connection([row(event('MEDICATION', EVIL))], null, { totalCount: 31 }),
      },
      {
        place: 1,
        what: 'imaging',
        rows: () =>
          connection([row(event('IMAGING', 'CT chest', { studies: ['1.2.3'] }))], null, {
            totalCount: 9,
          }),
      },
    ],
    charts: () => [
      {
        name: 'AGE',
        bars: [{ value: '50', label: '50', numberOfPatients: told(6), ofAll: told(20) }],
      },
    ],
    patients: () => connection([PATIENT]),
    ...more,
  };
}

function served(more: Parameters<typeof serveGraph>[0] = {}) {
  return serveGraph({
    me: () => ({ name: 'ada', roles: [], permissions: [] }),
    ask: () => QUESTION,
    cohortCount: () => counts(100, 40, 6),
    cohort: () => run(),
    cohortRun: () => run(),
    ...more,
  });
}

test('a question is asked, counted and answered, each row with its reason', async () => {
  const { origin, asked } = await served();
  const router = open('/ask?now=2026-01-01', origin);
  await userEvent.type(await screen.findByLabelText(/Your question/), 'who?{Enter}');
  expect(await screen.findByText('patients older than 45 with osteosarcoma')).toBeDefined();
  expect(router.state.location.search).toEqual({ q: 'who?', now: '2026-01-01' });
  const leaf = await screen.findByRole('region', { name: 'Condition: osteosarcoma' });
  await waitFor(() => expect(leaf.textContent).toContain('removes 34 patients, leaves 6'));
  const patients = await screen.findByRole('table', { name: 'Patients' });
  const link = within(patients).getByRole('link', { name: 'Ada Wolf' });
  expect(link.getAttribute('href')).toBe('/patients/ada');
  expect(patients.textContent).toContain('Osteosarcoma, 2025-03 and 3 more');
  await userEvent.click(await screen.findByRole('tab', { name: /Studies.*9/ }));
  const studies = await screen.findByRole('table', { name: 'Studies' });
  const viewer = within(studies).getByRole('link', { name: 'Viewer of CT chest' });
  expect(viewer.getAttribute('href')).toBe('/studies/1.2.3/viewer');
  const sent = asked.find(({ operation }) => operation === 'CohortAnswer');
  expect(sent?.variables).toMatchObject({ criteria: CRITERIA, now: '2026-01-01' });
});

test('texts of the record stay texts', async () => {
  const { origin } = await served();
  open('/ask?q=who&tab=0', origin);
  expect(await screen.findByText(EVIL)).toBeDefined();
  expect(document.querySelector('img[src=x]')).toBeNull();
});

test('an assumption that is switched is read and counted anew', async () => {
  const other = { ...CRITERIA, where: { all: [AGE] } };
  const { origin, asked } = await served({
    ask: ({ switched }: { switched: readonly string[] }) => ({
      ...QUESTION,
      criteria: switched.length > 0 ? other : CRITERIA,
      assumptions: [{ key: 'count@6', text: '3 or more', other: 'exactly 3' }],
    }),
    cohortCount: ({ criteria }: { criteria: typeof CRITERIA }) =>
      criteria.where.all.length === 1 ? counts(100, 40) : counts(100, 40, 6),
  });
  const router = open('/ask?q=who', origin);
  const chip = await screen.findByRole('button', { name: /3 or more/ });
  await waitFor(() => expect(screen.getByText('6', { selector: 'p span' })).toBeDefined());
  await userEvent.click(chip);
  expect(await screen.findByText('40', { selector: 'p span' })).toBeDefined();
  expect(router.state.location.search).toEqual({ q: 'who', switched: 'count@6' });
  const [last] = asked.filter(({ operation }) => operation === 'Ask').slice(-1);
  expect(last?.variables['switched']).toEqual(['count@6']);
});

test('what is not clear is asked back, and what is chosen stands in the question', async () => {
  const { origin, asked } = await served({
    ask: ({ question }: { question: string }) =>
      question.includes('MS')
        ? {
            ...QUESTION,
            criteria: null,
            readback: '',
            ask: [
              {
                slot: 'code:MS',
                options: ['multiple sclerosis', 'mitral stenosis'],
                start: 5,
                end: 7,
              },
            ],
            unused: [{ text: 'foo', start: 8, end: 11, type: '' }],
          }
        : QUESTION,
  });
  const router = open('/ask?q=with%20MS%20foo', origin);
  expect(await screen.findByText('Which is meant by “MS”?')).toBeDefined();
  expect(screen.getByTitle('Not understood').textContent).toBe('foo');
  expect(asked.some(({ operation }) => operation === 'CohortCount')).toBe(false);
  await userEvent.click(screen.getByRole('button', { name: 'mitral stenosis' }));
  expect(await screen.findByText(QUESTION.readback)).toBeDefined();
  expect(router.state.location.search).toEqual({ q: 'with mitral stenosis foo' });
});

test('a name that nobody has is told, and one like it is taken by a click alone', async () => {
  const suggestion = {
    slot: 'name:shattered wrist',
    phrase: 'shattered wrist',
    start: 7,
    end: 22,
    name: 'fracture of wrist',
    domain: 'condition',
    system: 'http://snomed.info/sct',
    code: '1',
    likeness: 0.76,
  };
  const { origin, asked } = await served({
    ask: ({ question }: { question: string }) =>
      question.includes('shattered')
        ? {
            ...QUESTION,
            absent: [
              { text: 'shattered wrist', type: 'condition', fewerThan: 1 },
              { text: 'Zorbitis', type: 'condition', fewerThan: 5 },
            ],
            suggestions: [suggestion, { ...suggestion, name: EVIL, code: '', system: '' }],
          }
        : QUESTION,
  });
  const router = open('/ask?q=%F0%9F%99%82%20with%20shattered%20wrist%20now', origin);
  const names = await screen.findByRole('list', { name: 'Names that are not here' });
  expect(names.textContent).toContain('Condition “shattered wrist”: no patient here has it.');
  expect(names.textContent).toContain('“Zorbitis”: fewer than 5 events here are called so.');
  expect(screen.getByRole('button', { name: /onerror/ }).title).toBe('Words without a code');
  await waitFor(() =>
    expect(asked.find(({ operation }) => operation === 'CohortCount')?.variables).toMatchObject({
      criteria: CRITERIA,
    }),
  );
  await userEvent.click(screen.getByRole('button', { name: /fracture of wrist/ }));
  await waitFor(() =>
    expect(router.state.location.search).toEqual({ q: '🙂 with fracture of wrist now' }),
  );
  await waitFor(() => expect(screen.queryByText(/Did you mean/)).toBeNull());
});

test('criteria are edited by hand: a value, one less, one more, as JSON', async () => {
  const { origin, asked } = await served();
  const router = open('/ask?q=who', origin);
  const now = () =>
    asked.findLast(({ operation }) => operation === 'CohortCount')?.variables['criteria'];
  const age = await screen.findByLabelText('Age more than');
  await userEvent.clear(age);
  await userEvent.type(age, '60');
  const aged = { patient: { age: { gt: 60 } } };
  await waitFor(() => expect(now()).toMatchObject({ where: { all: [aged, TUMOUR] } }));
  await userEvent.click(screen.getByRole('button', { name: 'Remove Condition: osteosarcoma' }));
  await waitFor(() => expect(now()).toMatchObject({ where: { all: [aged] } }));
  expect(screen.queryByRole('button', { name: 'Remove Patient: age' })).toBeNull();
  await userEvent.click(screen.getByRole('button', { name: 'Add a criterion' }));
  await userEvent.type(screen.getByLabelText('Value'), 'diabetes{Enter}');
  const added = { event: { type: 'condition', code: { text: 'diabetes' } } };
  await waitFor(() => expect(now()).toMatchObject({ where: { all: [aged, added] } }));
  await userEvent.click(screen.getByRole('button', { name: 'JSON' }));
  const json = screen.getByLabelText('Criteria as JSON') as HTMLTextAreaElement;
  expect(JSON.parse(json.value)).toMatchObject({ where: { all: [aged, added] } });
  await userEvent.click(screen.getByRole('button', { name: 'Back to the question' }));
  await waitFor(() => expect(router.state.location.search).toEqual({ q: 'who' }));
});

test('a bar filters, and the unfiltered number stays behind it', async () => {
  const filter = { patient: { age: { gte: 50, lt: 60 } } };
  const { origin, asked } = await served({
    cohort: ({ criteria }: { criteria: typeof CRITERIA }) => {
      const number = criteria.where.all.length === 3 ? 2 : 6;
      const bar = { value: '50', label: '50', numberOfPatients: told(number), ofAll: told(20) };
      return run({ numberOfPatients: told(number), charts: [{ name: 'AGE', bars: [bar] }] });
    },
  });
  open('/ask?q=who', origin);
  await userEvent.click(await screen.findByRole('button', { name: /50–59/ }));
  await waitFor(() =>
    expect(screen.getByRole('button', { name: /50–59/ }).textContent).toContain('2 of 6'),
  );
  expect(await screen.findByText('Filtered: 2 of 6 patients.')).toBeDefined();
  const sent = asked.findLast(({ operation }) => operation === 'CohortAnswer');
  expect(sent?.variables['criteria']).toMatchObject({ where: { all: [AGE, TUMOUR, filter] } });
});

test('whoever may only count is told so, and asks for no rows', async () => {
  const { origin, asked } = await served({
    cohortCount: () => counts(100, 40, null),
    cohort: () => run({ sight: 'COUNTS', numberOfPatients: told(null), charts: [] }),
  });
  open('/ask?q=who', origin);
  expect(await screen.findByText('You see how many, and not who')).toBeDefined();
  expect(screen.getAllByText('<5').length).toBeGreaterThan(0);
  const leaf = screen.getByRole('region', { name: 'Condition: osteosarcoma' });
  expect(leaf.textContent).not.toContain('removes');
  expect(screen.queryByRole('table')).toBeNull();
  expect(asked.some(({ operation }) => /Of/.test(operation))).toBe(false);
});

test('protected counts say what they are worth, and few are drawn like nobody', async () => {
  const bars = (...values: readonly string[]) => [
    {
      name: 'GENDER',
      bars: values.map((value) => ({
        value,
        label: value,
        numberOfPatients: told(60, true),
        ofAll: told(80, true),
      })),
    },
  ];
  const protectedCounts = {
    ...counts(),
    numberOfPatients: told(120, true),
    questionsToday: 3,
    mostQuestionsADay: 300,
    attrition: [],
  };
  const { origin } = await served({
    cohortCount: () => protectedCounts,
    cohort: ({ criteria }) =>
      run({
        seesPatients: false,
        numberOfPatients: told(120, true),
        charts: JSON.stringify(criteria).includes('female')
          ? bars('female')
          : bars('female', 'male'),
      }),
  });
  open('/ask?q=who', origin);
  expect((await screen.findAllByText('about 120')).length).toBeGreaterThan(0);
  expect(screen.getByText(/You have asked 3 questions today, of 300 at most/)).toBeDefined();
  await userEvent.click(await screen.findByRole('button', { name: /^Female/ }));
  await screen.findByText('Filtered: about 120 of about 120 patients.');
  expect(screen.getByRole('button', { name: /^Male/ }).textContent).toContain('<5 of 60');
});

test('rows without names have pseudonyms, and no way to who they are', async () => {
  const unnamed = { pseudonym: 'k3vq', age: '57', patient: null, fhirIds: [], identifiers: [] };
  const study = event('IMAGING', 'CT chest', { studies: ['2.25.7'] });
  const moment = { startFirst: -3, startLast: -3, endLast: null, isRunning: false, event: study };
  const answer = () =>
    run({
      sight: 'WITHOUT_NAMES',
      projectName: 'Sarcoma',
      patients: () => connection([{ ...PATIENT, ...unnamed }]),
      course: () => ({ leaf: null, hasMore: false, events: [moment] }),
      outputs: [
        {
          place: 0,
          what: 'imaging',
          rows: () => connection([{ ...row(study), patientIds: [], pseudonym: 'k3vq' }]),
        },
      ],
    });
  const { origin, asked } = await served({
    cohort: answer,
    cohortRun: answer,
    projects: () => connection([{ id: 'p', name: 'Sarcoma' }]),
  });
  open('/ask?q=who&project=Sarcoma', origin);
  expect((await screen.findByRole('note')).textContent).toBe(
    'Names are not shown: rows of project Sarcoma, dates are shifted.',
  );
  const patients = await screen.findByRole('table', { name: 'Patients' });
  expect(within(patients).getByText('57')).toBeDefined();
  expect(within(patients).queryByRole('link')).toBeNull();
  const sent = asked.findLast(({ operation }) => operation === 'CohortAnswer');
  expect(sent?.variables['project']).toBe('Sarcoma');

  await userEvent.click(within(patients).getByRole('button', { name: 'Time line of k3vq' }));
  const events = await screen.findByRole('table', { name: 'Events' });
  expect(events.textContent).toContain('day \u22123');
  await userEvent.keyboard('{Escape}');
  await userEvent.click(screen.getByRole('tab', { name: /imaging|studies/i }));
  expect(await screen.findByText('CT chest')).toBeDefined();
  expect(screen.queryByRole('link', { name: /Viewer|Study page/ })).toBeNull();
});

test('criteria that the server refuses say why, and can be changed', async () => {
  const { origin } = await served({
    cohortCount: () => refused('INVALID', 'where: This has no words.'),
    cohort: () => refused('INVALID', 'where: This has no words.'),
  });
  open('/ask?q=who', origin);
  expect((await screen.findByRole('alert')).textContent).toContain('This has no words.');
  expect(screen.getByLabelText('Age more than')).toBeDefined();
});

test('an answer that was forgotten is asked for anew', async () => {
  const runs = [RUN, RUN.replace('6', '7')];
  const { origin } = await served({
    cohort: () => run({ runId: runs.shift() }),
    cohortRun: ({ id }: { id: string }) => (id === RUN ? refused('NOT_FOUND') : run()),
  });
  open('/ask?q=who', origin);
  expect(await screen.findByText('The portal has forgotten this answer')).toBeDefined();
  await userEvent.click(screen.getByRole('button', { name: 'Ask anew' }));
  expect(await screen.findByRole('table', { name: 'Patients' })).toBeDefined();
});

test('whoever may export has the answer exported, and is led to its files', async () => {
  const verb = { verb: 'export_data', meaning: '', everywhere: true, partitions: [] };
  const { origin, asked } = await served({
    me: () => ({ name: 'ada', roles: [], permissions: [{ ...verb, numberOfScopes: 0 }] }),
    startCohortExport: () => ({ __typename: 'StartedOperation', operation: { id: '7' } }),
    startCohortStudyExport: () => ({
      __typename: 'Fault',
      code: 'FORBIDDEN',
      message: 'Some of it is not yours.',
    }),
  });
  open('/ask?q=who', origin);
  await userEvent.click(await screen.findByRole('button', { name: 'Export' }));
  // Without a layout the menu counts as out of sight.
  await userEvent.click(
    await screen.findByRole('menuitem', { name: 'Tables (CSV)', hidden: true }),
  );
  const told = await screen.findByText(/Started: its files come to/);
  expect(within(told).getByRole('link').getAttribute('href')).toBe('/operations');
  const sent = asked.find(({ operation }) => operation === 'ExportCohort');
  expect(sent?.variables).toEqual({ run: RUN, formats: ['CSV'] });
  await userEvent.click(screen.getByRole('button', { name: 'Export' }));
  await userEvent.click(
    await screen.findByRole('menuitem', { name: 'Images (DICOM)', hidden: true }),
  );
  expect((await screen.findByRole('alert')).textContent).toContain('Some of it is not yours.');
});

test('of nobody it is told which criterion the last ones do not have', async () => {
  const { origin } = await served({
    cohortCount: () => counts(100, 40, 0),
    cohort: () => run({ numberOfPatients: told(0), charts: () => [] }),
  });
  open('/ask?q=who', origin);
  expect(await screen.findByText('Nobody here answers the question')).toBeDefined();
  expect(screen.getByText(/leaves none of the 40 patients/).textContent).toContain(
    '“Condition: osteosarcoma”',
  );
  expect(screen.queryByRole('region', { name: 'Answer' })).toBeNull();
});

test('rows without names say so, that dates count by months, and how series were made', async () => {
  const series = { modality: 'CT', bodyPart: 'CHEST', modelName: 'One', numberOfInstances: 240 };
  const made = [{ ...series, sliceThicknessMm: 1.25, kvp: 120, magneticFieldStrengthT: null }];
  const study = { ...row(event('IMAGING', 'CT chest')), pseudonym: 'abc', series: made };
  const outputs = [
    { place: 0, what: 'imaging', rows: () => connection([study], null, { totalCount: 1 }) },
  ];
  const unnamed = () => run({ sight: 'WITHOUT_NAMES', projectName: 'Lungs', outputs });
  const { origin } = await served({ cohort: unnamed, cohortRun: unnamed });
  open('/ask?q=who&tab=0', origin);
  expect(await screen.findByText('dates count by whole months')).toBeDefined();
  expect(await screen.findByText('CT CHEST, 240 images, 1.25 mm, 120 kV, One')).toBeDefined();
});
