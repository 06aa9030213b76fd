import { expect, test } from 'vitest';
import { NOTHING_CHOSEN, ranged, toggled } from './selection';

const ORDER = ['a', 'b', 'c', 'd', 'e'];

test('what is chosen twice is not chosen', () => {
  const both = toggled(toggled(NOTHING_CHOSEN, 'a'), 'c');
  expect([...both.keys]).toEqual(['a', 'c']);
  expect([...toggled(both, 'a').keys]).toEqual(['c']);
});

test('a range goes from the anchor, upwards and downwards, and becomes shorter again', () => {
  const anchored = toggled(NOTHING_CHOSEN, 'c');
  const down = ranged(anchored, ORDER, 'e');
  expect([...down.keys]).toEqual(['c', 'd', 'e']);
  expect([...ranged(down, ORDER, 'd').keys]).toEqual(['c', 'd']);
  expect([...ranged(down, ORDER, 'a').keys]).toEqual(['a', 'b', 'c']);
});

test('without an anchor that is listed a range is one thing, and begins there', () => {
  const gone = ranged({ keys: new Set(['x']), anchor: 'x' }, ORDER, 'b');
  expect([...gone.keys]).toEqual(['b']);
  expect([...ranged(gone, ORDER, 'c').keys]).toEqual(['b', 'c']);
});
