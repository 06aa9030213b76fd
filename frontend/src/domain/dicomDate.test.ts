import { expect, test } from 'vitest';
import { dicomDate, readableDate, readableTime } from './dicomDate';

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
