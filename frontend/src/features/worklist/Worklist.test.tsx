import { screen, waitFor, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { connection, refused, serveGraph } from '~/test/graph';
import { open } from '~/test/page';

const ME = () => ({
  name: 'ada',
  roles: [],
  permissions: ['view_phi', 'perform_workitems'].map((verb) => ({
    verb,
    meaning: verb,
    everywhere: true,
    partitions: [],
    numberOfScopes: 0,
  })),
});
const NO_CODE = { __typename: 'Fault', code: 'WORKITEM_REFUSED', path: '00741216/1/00404019' };
const HERE = '/worklist?look=1.1';

/** A workitem as the graph answers it. */
function work(uid: string, more: object = {}) {
  return {
    __typename: 'Workitem',
    id: uid,
    uid,
    state: 'SCHEDULED',
    priority: 'MEDIUM',
    inputReadiness: 'READY',
    procedureStepLabel: `Read ${uid}`,
    patientName: { alphabetic: 'Wolf^Eva' },
    patientId: 'W-1',
    start: '2026-11-27T08:00:00Z',
    isOverdue: false,
    modifiedAt: '2026-11-27T08:00:00Z',
    isMine: false,
    scheduledPerformers: [],
    studyInstanceUids: ['1.2.3'],
    actions: ['CLAIM', 'HAND_OVER', 'REQUEST_CANCEL'],
    accessionNumbers: [],
    scheduledWorkitemCodes: [],
    scheduledStations: [],
    replacedUids: [],
    history: [{ at: '2026-11-27T08:00:00Z', by: 'eve', happened: ['CREATED'], state: 'SCHEDULED' }],
    studies: () => connection([]),
    ...more,
  };
}

const CLAIMED = {
  state: 'IN_PROGRESS',
  claimedBy: 'ada',
  isMine: true,
  actions: ['UPDATE', 'RELEASE', 'HAND_OVER', 'COMPLETE', 'CANCEL'],
};

const COUNTED = () => ({ scheduled: 1, inProgress: 0, completed: 1_000, canceled: 0, overdue: 0 });

/** Serves a list of one workitem, which a mutation may change. */
async function serve(first: object, mutations: Record<string, (...args: never[]) => unknown> = {}) {
  const now = { work: work('1.1', first) };
  const graph = await serveGraph({
    me: ME,
    worklists: () => connection([]),
    workitemCounts: COUNTED,
    workitems: () => connection([now.work]),
    workitem: () => now.work,
    ...mutations,
  });
  const become = (more: object) => {
    now.work = work('1.1', more);
    return { __typename: 'ChangedWorkitem', uid: '1.1', workitem: now.work };
  };
  return { ...graph, become };
}

function variablesOf(graph: Awaited<ReturnType<typeof serve>>, operation: string) {
  return graph.asked.filter((one) => one.operation === operation).map((one) => one.variables);
}

async function panel() {
  return within(await screen.findByRole('complementary', { name: 'Workitem' }));
}

test('what narrows the list is asked for, and stands in the address', async () => {
  const graph = await serve({});
  const router = open('/worklist', graph.origin);
  await screen.findByRole('grid', { name: 'Worklist' });
  expect(variablesOf(graph, 'WorklistPage')[0]).toMatchObject({
    filter: { state: ['SCHEDULED', 'IN_PROGRESS'] },
    orderBy: 'URGENCY',
  });
  await userEvent.click(screen.getByRole('button', { name: /^Completed/ }));
  await userEvent.selectOptions(screen.getByLabelText('Whose'), 'Scheduled for me');
  await userEvent.selectOptions(screen.getByLabelText('Order'), 'The first to be due first');
  await userEvent.type(screen.getByLabelText('Patient ID'), 'W');
  await waitFor(() =>
    expect(variablesOf(graph, 'WorklistPage').at(-1)).toMatchObject({
      filter: { state: ['COMPLETED'], performer: 'ada', patient: { patientId: 'W*' } },
      orderBy: 'DUE',
    }),
  );
  expect(router.state.location.search).toEqual({
    state: 'completed',
    whose: 'forme',
    order: 'DUE',
    patient: 'W',
  });
});

test('it is claimed by the button, and what can be done then is offered', async () => {
  const graph = await serve({}, { claimWorkitem: () => graph.become(CLAIMED) });
  open(HERE, graph.origin);
  await userEvent.click(await (await panel()).findByRole('button', { name: 'Claim' }));
  expect(await screen.findByText('It is yours.')).toBeDefined();
  expect(await (await panel()).findByRole('button', { name: 'Complete …' })).toBeDefined();
  expect((await panel()).queryByRole('button', { name: 'Claim' })).toBeNull();
});

test('whoever was not the first is told who was', async () => {
  const graph = await serve(
    {},
    {
      claimWorkitem: () => {
        graph.become({ ...CLAIMED, claimedBy: 'ben', isMine: false, actions: ['REQUEST_CANCEL'] });
        return { __typename: 'Fault', code: 'CLAIMED_BY_ANOTHER', message: 'Somebody else has.' };
      },
    },
  );
  open(HERE, graph.origin);
  const grid = await screen.findByRole('grid', { name: 'Worklist' });
  grid.focus();
  await userEvent.keyboard('c');
  expect((await screen.findByRole('alert')).textContent).toContain('ben was quicker, and has it.');
  expect(await (await panel()).findByRole('button', { name: 'Ask to cancel …' })).toBeDefined();
});

test('of what is next, what is for others is passed over, and what somebody took meanwhile', async () => {
  const claimed: string[] = [];
  const graph = await serveGraph({
    me: ME,
    worklists: () => connection([]),
    workitemCounts: COUNTED,
    workitem: ({ uid }: { uid: string }) => work(uid, CLAIMED),
    workitems: ({ filter }: { filter: { priority?: readonly string[] } }) => {
      const [priority] = filter.priority ?? [];
      const forBen = { scheduledPerformers: [{ code: { value: 'ben', scheme: '', meaning: '' } }] };
      const found = {
        HIGH: [work('1.1', forBen), work('1.2')],
        MEDIUM: [work('1.3', { actions: [] }), work('1.4')],
        LOW: [work('1.5')],
      };
      return connection(found[priority as keyof typeof found] ?? [work('1.1')]);
    },
    claimWorkitem: ({ uid }: { uid: string }) => {
      claimed.push(uid);
      return uid === '1.2'
        ? { __typename: 'Fault', code: 'WORKITEM_REFUSED', message: 'It has ended.' }
        : { __typename: 'ChangedWorkitem', uid, workitem: work(uid, CLAIMED) };
    },
  });
  const router = open('/worklist', graph.origin);
  await userEvent.click(await screen.findByRole('button', { name: 'Claim the next one' }));
  expect(await screen.findByText('It is yours.')).toBeDefined();
  expect(claimed).toEqual(['1.2', '1.4']);
  expect(router.state.location.search).toEqual({ look: '1.4' });
});

test('what is missing to complete it is asked for, also what only the server misses', async () => {
  const performed: unknown[] = [];
  const scheduled = [{ value: 'READ', scheme: '99A', meaning: 'Read' }];
  const graph = await serve(
    { ...CLAIMED, scheduledWorkitemCodes: scheduled },
    {
      completeWorkitem: (args: { performed: { workitemCode?: unknown } }) => {
        performed.push(args.performed);
        return args.performed.workitemCode
          ? graph.become({ ...CLAIMED, state: 'COMPLETED', actions: [] })
          : { ...NO_CODE, message: 'PerformedWorkitemCodeSequence is missing.' };
      },
    },
  );
  open(HERE, graph.origin);
  await userEvent.click(await (await panel()).findByRole('button', { name: 'Complete …' }));
  const dialog = within(await screen.findByRole('dialog'));
  const complete = dialog.getByRole('button', { name: 'Complete' });
  expect(complete).toHaveProperty('disabled', true);
  expect(dialog.queryByRole('group', { name: /What was done, as a code/ })).toBeNull();
  const where = within(dialog.getByRole('group', { name: /Where it was done/ }));
  await userEvent.type(where.getByLabelText(/In words/), 'Workstation 7');
  await userEvent.type(where.getByLabelText(/Code/), 'WS7');
  await userEvent.click(complete);
  expect((await dialog.findByRole('alert')).textContent).toContain('is missing');
  const what = within(dialog.getByRole('group', { name: /What was done, as a code/ }));
  await userEvent.type(what.getByLabelText(/In words/), 'Reading');
  await userEvent.type(what.getByLabelText(/Code/), 'R');
  await userEvent.click(complete);
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  const station = { value: 'WS7', scheme: '99LOCAL', meaning: 'Workstation 7' };
  expect(performed[0]).toMatchObject({ station });
  expect(performed[1]).toMatchObject({
    station,
    workitemCode: { value: 'R', scheme: '99LOCAL', meaning: 'Reading' },
  });
});

test('what a rule made is completed without being asked for anything', async () => {
  const performed: unknown[] = [];
  const graph = await serve(
    { ...CLAIMED, madeByRule: 'New CT' },
    {
      completeWorkitem: (args: { performed: unknown }) => {
        performed.push(args.performed);
        return graph.become({ ...CLAIMED, state: 'COMPLETED', actions: [] });
      },
    },
  );
  open(HERE, graph.origin);
  expect(await (await panel()).findByText('New CT')).toBeDefined();
  await userEvent.click(await (await panel()).findByRole('button', { name: 'Complete …' }));
  const dialog = within(await screen.findByRole('dialog'));
  expect(dialog.queryByRole('group')).toBeNull();
  await userEvent.click(dialog.getByRole('button', { name: 'Complete' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(performed).toMatchObject([{ station: null, workitemCode: null }]);
});

test('one kind is counted no further than to a number, and all by one field', async () => {
  const graph = await serve({});
  open('/worklist?label=Neuro', graph.origin);
  const state = within(await screen.findByRole('group', { name: 'State' }));
  expect(await state.findByRole('button', { name: 'Completed 999+' })).toBeDefined();
  expect(state.getByRole('button', { name: 'Open 1' })).toBeDefined();
  const filter = { label: ['Neuro'] };
  expect(variablesOf(graph, 'WorklistCounts')).toEqual([{ filter, partition: 'default' }]);
});

test('whom it is handed over to is looked for as somebody types, a page at a time', async () => {
  const graph = await serve(
    {},
    {
      workitemPerformers: ({ text }: { text: string }) =>
        connection(
          text === ''
            ? [{ name: 'ada', fullName: '' }]
            : [{ name: 'ben', fullName: 'Benjamin Luca' }],
          null,
        ),
      handOverWorkitem: () => graph.become({ state: 'SCHEDULED' }),
    },
  );
  open(HERE, graph.origin);
  await userEvent.click(await (await panel()).findByRole('button', { name: 'Hand over …' }));
  const dialog = within(await screen.findByRole('dialog'));
  const to = dialog.getByRole('combobox', { name: /To \(the name/ });
  // Oneself is nobody else.
  expect(await dialog.findByText('There is nobody of this name who may do it.')).toBeDefined();
  await userEvent.type(to, 'luc');
  await userEvent.click(await screen.findByRole('option', { name: /^ben/, hidden: true }));
  await userEvent.click(dialog.getByRole('button', { name: 'Hand over' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(variablesOf(graph, 'WorkitemPerformers')[1]).toMatchObject({ text: 'luc', first: 20 });
  expect(variablesOf(graph, 'HandOverWorkitem')).toEqual([
    { uid: '1.1', partition: 'default', to: 'ben', reason: '' },
  ]);
});

test('an account that nobody knows is told of where its name is typed', async () => {
  const graph = await serve(
    {},
    {
      workitemPerformers: () => connection([]),
      handOverWorkitem: () => ({
        __typename: 'Fault',
        code: 'NOT_FOUND',
        message: 'There is nobody of this name who may do it.',
        path: 'to',
      }),
    },
  );
  open(HERE, graph.origin);
  await userEvent.click(await (await panel()).findByRole('button', { name: 'Hand over …' }));
  const dialog = within(await screen.findByRole('dialog'));
  const to = dialog.getByLabelText(/To \(the name/);
  await userEvent.type(to, 'nobody');
  await userEvent.click(dialog.getByRole('button', { name: 'Hand over' }));
  await waitFor(() => expect(to.getAttribute('aria-invalid')).toBe('true'));
  expect(dialog.queryByRole('alert')).toBeNull();
});

test('who has not claimed it asks for it to be canceled, and says whom to ask', async () => {
  const graph = await serve(
    { state: 'IN_PROGRESS', claimedBy: 'ben', actions: ['REQUEST_CANCEL'] },
    { requestWorkitemCancel: () => graph.become({ state: 'IN_PROGRESS' }) },
  );
  open(HERE, graph.origin);
  await userEvent.click(await (await panel()).findByRole('button', { name: 'Ask to cancel …' }));
  const dialog = within(await screen.findByRole('dialog'));
  expect(dialog.getByText('ben is told, and decides.')).toBeDefined();
  await userEvent.type(dialog.getByLabelText(/Reason/), 'Wrong patient');
  await userEvent.click(dialog.getByRole('button', { name: 'Ask' }));
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(variablesOf(graph, 'RequestWorkitemCancel')).toEqual([
    { uid: '1.1', partition: 'default', why: { reason: 'Wrong patient', contact: 'ada' } },
  ]);
});

test('a workitem that is not there any more says so beside the list', async () => {
  const graph = await serveGraph({
    me: ME,
    worklists: () => connection([]),
    workitemCounts: COUNTED,
    workitems: () => connection([work('1.2')]),
    workitem: () => null,
  });
  open(HERE, graph.origin);
  expect(
    await (await panel()).findByText('There is no such workitem that you may see'),
  ).toBeDefined();
});

test('who sees nothing of the partition has nothing to do, and nothing to narrow', async () => {
  const closed = () => refused('NOT_FOUND', 'There is no such partition.');
  const { origin } = await serveGraph({ me: ME, worklists: closed, workitems: closed });
  open('/worklist', origin);
  expect(await screen.findByText('There is nothing to do that you may see')).toBeDefined();
  expect(screen.queryByRole('alert')).toBeNull();
  expect(screen.queryByRole('group', { name: 'State' })).toBeNull();
});
