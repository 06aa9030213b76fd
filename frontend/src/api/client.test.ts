// @vitest-environment jsdom
import { expect, test, vi } from 'vitest';
import { ME } from '~/app/me';
import { refused, serveGraph } from '~/test/graph';
import { createGraphClient } from './client';
import { faultOf } from './graphql';

async function ask(origin: string, onSignedOut = vi.fn()) {
  const { data, error } = await createGraphClient({ origin, onSignedOut })
    .query(ME, {})
    .toPromise();
  return { data, fault: error && faultOf(error), onSignedOut };
}

test('what is asked carries the proof against other sites', async () => {
  // biome-ignore lint/suspicious/noDocumentCookie: as Django sets it
  document.cookie = 'csrftoken=proof';
  const graph = await serveGraph({ me: () => ({ name: 'ada', roles: [], permissions: [] }) });
  const { data, fault } = await ask(graph.origin);
  expect(data).toMatchObject({ me: { name: 'ada' } });
  expect(fault).toBeUndefined();
  expect(graph.headers.at(-1)).toMatchObject({ 'x-csrftoken': 'proof' });
});

test('a refusal is told by its code', async () => {
  const { origin } = await serveGraph({ me: () => refused('FORBIDDEN', 'not for you') });
  const { fault, onSignedOut } = await ask(origin);
  expect(fault).toMatchObject({ code: 'FORBIDDEN', message: 'not for you' });
  expect(onSignedOut).not.toHaveBeenCalled();
});

test.each([
  [401, 'UNAUTHENTICATED', 1],
  [503, 'BUSY', 0],
  [500, 'INTERNAL', 0],
])('an answer of %d before the graph is %s', async (status, code, times) => {
  const { origin } = await serveGraph({}, { status });
  const { fault, onSignedOut } = await ask(origin);
  expect(fault?.code).toBe(code);
  expect(onSignedOut).toHaveBeenCalledTimes(times);
});

test('no server at all is told as such', async () => {
  const { fault } = await ask('http://127.0.0.1:9');
  expect(fault?.code).toBe('OFFLINE');
});
