import { expect, test } from 'vitest';
import { dayOf, editedOf, readAskSearch, switchedOf, withFilter, withSwitched } from './askSearch';

test('an address keeps what means something', () => {
  expect(readAskSearch({ q: ' who? ', now: '2026-01-01', foo: 'x', tab: 3 })).toEqual({
    q: 'who?',
    now: '2026-01-01',
  });
  expect(readAskSearch({ criteria: 'x'.repeat(30_000) })).toEqual({});
});

test('a day is a day', () => {
  expect(dayOf({ now: '2026-01-01' })).toBe('2026-01-01');
  expect(dayOf({ now: '2026-13-01' })).toBeUndefined();
  expect(dayOf({ now: '1 January' })).toBeUndefined();
});

test('assumptions are switched, and switched back', () => {
  expect(withSwitched({ switched: 'a@1' }, 'b@2')).toBe('a@1,b@2');
  expect(withSwitched({ switched: 'a@1,b@2' }, 'a@1')).toBe('b@2');
  expect(switchedOf({})).toEqual([]);
});

test('broken criteria of an address are none', () => {
  expect(editedOf({ criteria: '{' })).toBeUndefined();
});

test('a bar is filtered by, and taken back', () => {
  const filter = withFilter({}, { chart: 'AGE', value: '40' });
  expect(filter).toBe('[["AGE","40"]]');
  expect(withFilter({ filter }, { chart: 'AGE', value: '40' })).toBe('');
});
