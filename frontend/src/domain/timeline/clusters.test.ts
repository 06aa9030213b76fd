import { expect, test } from 'vitest';
import { eventOf } from '~/test/timeline';
import { clustersOf } from './clusters';
import { dateOf } from './days';
import type { TimelineEvent } from './event';

const WIDTH = 1_000;

function each(days: readonly number[]): readonly TimelineEvent[] {
  return days.map((day) => eventOf('REPORT', dateOf(day)));
}

test('what lies apart has a dot each, what lies close has one together', () => {
  const clusters = clustersOf(each([10, 12, 500, 900]), (day) => day, WIDTH);
  expect(clusters.map(({ events }) => events.length)).toEqual([2, 1, 1]);
  expect(clusters[0]).toMatchObject({ first: 10, last: 12 });
});

test('however many there are, no more are drawn than the width has room for', () => {
  const days = Array.from({ length: 5_000 }, (_, at) => at);
  const clusters = clustersOf(each(days), (day) => day / 5, WIDTH);
  expect(clusters.length).toBeLessThanOrEqual(WIDTH / 18 + 2);
  expect(clusters.reduce((sum, { events }) => sum + events.length, 0)).toBe(5_000);
});

test('what is not seen is not drawn', () => {
  const clusters = clustersOf(each([0, 5_000, 9_000]), (day) => day - 4_500, WIDTH);
  expect(clusters).toHaveLength(1);
});
