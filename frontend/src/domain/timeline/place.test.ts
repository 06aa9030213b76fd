import { expect, test } from 'vitest';
import { dayOf } from './days';
import { LANES } from './event';
import {
  chosenOf,
  lanesOf,
  placedView,
  readTimelinePlace,
  toggled,
  writeLanes,
  writeView,
} from './place';

test('an address says what means something here', () => {
  const given = { from: '2020-01-01', at: 'Condition/1', x: '1', to: 7 };
  expect(readTimelinePlace(given)).toEqual({ from: '2020-01-01', at: 'Condition/1' });
});

test('lanes are written and read; all of them are nothing to say', () => {
  expect(writeLanes(new Set(LANES))).toBe('');
  expect([...lanesOf({})]).toEqual([...LANES]);
  const two = lanesOf({ lanes: 'labs,nonsense,imaging' });
  expect([...two]).toEqual(['imaging', 'labs']);
  expect(writeLanes(two)).toBe('imaging,labs');
});

test('days are written and read', () => {
  const view = { from: dayOf('2020-01-01') ?? 0, to: dayOf('2021-01-01') ?? 0 };
  expect(placedView(writeView(view))).toEqual(view);
  expect(placedView({ from: '2020-01-01' })).toBeUndefined();
  expect(placedView({ from: '2020-01-01', to: '2019-01-01' })).toBeUndefined();
});

test('two studies are chosen; a third one takes the place of the first', () => {
  const two = toggled(toggled([], 'a'), 'b');
  expect(two).toEqual(['a', 'b']);
  expect(toggled(two, 'c')).toEqual(['b', 'c']);
  expect(toggled(two, 'a')).toEqual(['b']);
  expect(chosenOf({ chosen: 'a,a,,b,c' })).toEqual(['b', 'c']);
});
