import { expect, test } from 'vitest';
import { dicomDate, readableDate, readableTime, typedDate } from './dicomDate';

test('dates and times are read, and what is none is left as it stands', () => {
  expect(readableDate('20200131')).toBe('2020-01-31');
  expect(readableDate('2020.01.31')).toBe('2020.01.31');
  expect(readableDate(null)).toBe('');
  expect(readableTime('142530.123456')).toBe('14:25');
  expect(readableTime('14')).toBe('14:00');
  expect(readableTime('later')).toBe('later');
});

test('only whole dates of a form are asked for', () => {
  expect(dicomDate('2020-01-31')).toBe('20200131');
  expect(dicomDate('2020-01')).toBeUndefined();
  expect(dicomDate(undefined)).toBeUndefined();
});

test.each([
  ['2020-01-31', '2020-01-31', '2020-01-31'],
  [' 20200131 ', '2020-01-31', '2020-01-31'],
  ['2020.01.31', '2020-01-31', '2020-01-31'],
  ['2020', '2020-01-01', '2020-12-31'],
  ['2020-02', '2020-02-01', '2020-02-29'],
  ['2021-02-29', undefined, undefined],
  ['2020-13', undefined, undefined],
  ['2020-00-01', undefined, undefined],
  ['31.01.2020', undefined, undefined],
  ['202', undefined, undefined],
  ['yesterday', undefined, undefined],
  ['', undefined, undefined],
])('%s is typed for a day, or for a range', (text, from, until) => {
  expect(typedDate(text, 'from')).toBe(from);
  expect(typedDate(text, 'until')).toBe(until);
});
