import { expect, test } from 'vitest';
import { eventOf } from '~/test/timeline';
import { tableRows, untilOf, whenOf } from './table';

test('the table has the newest first, or last, and what has no date at the end', () => {
  const events = [
    eventOf('CONDITION', '2019-01-01', { label: 'old' }),
    eventOf('REPORT', '2020-01-01', { label: 'new' }),
    eventOf('ALLERGY', null, { label: 'undated' }),
  ];
  const what = (isNewestFirst: boolean) => tableRows(events, isNewestFirst).map((row) => row.what);
  expect(what(true)).toEqual(['new', 'old', 'undated']);
  expect(what(false)).toEqual(['old', 'new', 'undated']);
  expect(tableRows(events, true).map(({ kind }) => kind)).toEqual([
    'Report',
    'Condition',
    'Allergy',
  ]);
});

test.each([
  ['2020-01-01', '2020-01-01', null, '2020-01-01'],
  ['2020-01-01', '2020-01-01', 3_900, '2020-01-01 01:05'],
  ['2020-01-01', '2020-12-31', null, '2020'],
  ['2020-02-01', '2020-02-29', null, '2020-02'],
  ['2020-02-03', '2020-02-09', null, '2020-02-03 to 2020-02-09'],
  [null, null, null, 'No date'],
])('from %s to %s, second %s, is %s', (startFirst, startLast, second, words) => {
  expect(whenOf(eventOf('REPORT', startFirst, { startLast, second }))).toBe(words);
});

test('what still runs goes on, what had no length says nothing', () => {
  const until = (endLast: string | null) =>
    untilOf(eventOf('CONDITION', '2020-01-01', { endLast }));
  expect(until('9999-12-31')).toBe('goes on');
  expect(until('2020-03-01')).toBe('2020-03-01');
  expect(until('2020-01-01')).toBe('');
  expect(until(null)).toBe('');
});
