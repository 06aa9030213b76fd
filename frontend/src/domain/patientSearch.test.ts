import { expect, test } from 'vitest';
import { patientFilterOf, readPatientSearch, typedBirth } from './patientSearch';

test('an address says what patients are looked for by', () => {
  const read = readPatientSearch({
    text: ' ada ',
    born: '1980',
    sex: 'female',
    x: '1',
    partition: 2,
  });
  expect(read).toEqual({ text: 'ada', born: '1980', sex: 'female' });
  expect(patientFilterOf(read)).toEqual({ text: 'ada', birthDate: '1980', sex: 'female' });
});

test('what means nothing is not asked for', () => {
  expect(patientFilterOf({ born: 'soon', sex: 'F' })).toEqual({});
});

test.each([
  ['1980', '1980'],
  ['1980.02.29', '1980-02-29'],
  ['1980/02', '1980-02'],
  ['29.02.1980', undefined],
  ['198', undefined],
])('%s is a birth date %s', (text, date) => {
  expect(typedBirth(text)).toBe(date);
});
