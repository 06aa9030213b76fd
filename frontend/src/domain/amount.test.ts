import { expect, test } from 'vitest';
import { cappedNumber, counted, readableBytes } from './amount';

test.each([
  [0, '0 bytes'],
  [999, '999 bytes'],
  [1000, '1 kB'],
  [524_288, '524.3 kB'],
  [10_000_000_000, '10 GB'],
])('%d bytes are %s', (bytes, expected) => {
  expect(readableBytes(bytes)).toBe(expected);
});

test('numbers agree with their nouns', () => {
  expect(counted(1, 'file')).toBe('1 file');
  expect(counted(12_345, 'file')).toBe('12,345 files');
  expect(counted(2, 'study', 'studies')).toBe('2 studies');
});

test('what was not counted to its end says so', () => {
  expect(cappedNumber(999, 1_000)).toBe('999');
  expect(cappedNumber(1_000, 1_000)).toBe('999+');
  expect(cappedNumber(1_234, 1_000)).toBe('999+');
});
