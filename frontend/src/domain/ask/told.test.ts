import { expect, test } from 'vitest';
import { readableCount, TOO_FEW } from './told';

test('counts are read with what they are worth', () => {
  expect(readableCount({ value: 1204, text: '1204', isProtected: false })).toBe('1,204');
  expect(readableCount({ value: 1200, text: '1200', isProtected: true })).toBe('about 1,200');
  expect(readableCount({ value: 0, text: '0', isProtected: true })).toBe('0');
  expect(readableCount(TOO_FEW)).toBe('<5');
});
