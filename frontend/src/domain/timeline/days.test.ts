import { expect, test } from 'vitest';
import { dateOf, dayOf, daysOf, yearsBetween } from './days';

test.each(['1850-01-01', '1970-01-01', '2024-02-29', '0099-12-31', '2026-11-26'])(
  '%s is a day and back',
  (date) => {
    const day = dayOf(date);
    expect(day).toBeDefined();
    expect(dateOf(day ?? 0)).toBe(date);
  },
);

test.each([undefined, null, '', '2020', '2020-01', 'x'])('%s is no day', (text) => {
  expect(dayOf(text)).toBeUndefined();
});

test.each([
  ['2020', '2020-01-01', '2020-12-31'],
  ['2020-02', '2020-02-01', '2020-02-29'],
  ['2021-12', '2021-12-01', '2021-12-31'],
  ['2020-02-03T23:00:00+09:00', '2020-02-03', '2020-02-03'],
])('%s is from %s to %s', (date, first, last) => {
  expect(daysOf(date)?.map(dateOf)).toEqual([first, last]);
});

test('a date that is none names no days', () => {
  expect(daysOf('soon')).toBeUndefined();
  expect(daysOf(null)).toBeUndefined();
});

test.each([
  ['1980-02-29', '2021-02-28', 40],
  ['1980-02-29', '2021-03-01', 41],
  ['1980-05-01', '1980-05-01', 0],
])('from %s to %s are %i years', (from, to, years) => {
  expect(yearsBetween(dayOf(from) ?? 0, dayOf(to) ?? 0)).toBe(years);
});
