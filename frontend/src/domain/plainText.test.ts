import { expect, test } from 'vitest';
import { joined, unturned } from './plainText';

test('marks that turn all that follows are left out', () => {
  expect(unturned('\u202egnp.exe\u202c\u2066 x\u2069')).toBe('gnp.exe x');
});

test('letters that are written from the right, and their own marks, stay', () => {
  expect(unturned('דבורה\u200f 1')).toBe('דבורה\u200f 1');
});

test('what is joined turns nothing beside it', () => {
  expect(joined(['\u202egnp', undefined, '', 'Chest', 3], ', ')).toBe('gnp, Chest, 3');
});

test('a name that is written from the right keeps to itself among others', () => {
  expect(joined(['דבורה', '2020-01-31'], ', ')).toBe('\u2068דבורה\u2069, 2020-01-31');
});
