import { expect, test } from 'vitest';
import { dayWords, lanesOf } from './courseLanes';

function event(kind: string, startFirst: number | null, endLast: number | null, isRunning = false) {
  return { startFirst, startLast: startFirst, endLast, isRunning, event: { kind } };
}

test('each kind has a lane, whose marks lie between the first day and the last', () => {
  const { lanes, zero, first, last, undated } = lanesOf([
    event('CONDITION', 0, null, true),
    event('IMAGING', -50, -50),
    event('CONDITION', 25, 50),
    event('REPORT', null, null),
  ]);
  expect([first, last, zero, undated]).toEqual([-50, 50, 50, 1]);
  expect(lanes.map(({ kind }) => kind)).toEqual(['CONDITION', 'IMAGING']);
  expect(lanes[0]?.marks.map(({ left, width }) => [left, width])).toEqual([
    [50, 50],
    [75, 25],
  ]);
  expect(lanes[1]?.marks[0]).toMatchObject({ left: 0, width: 0 });
});

test('days before day 0 are negative', () => {
  expect([dayWords(3), dayWords(-3)]).toEqual(['day 3', 'day \u22123']);
  expect(lanesOf([])).toMatchObject({ lanes: [], first: 0, last: 0 });
});
