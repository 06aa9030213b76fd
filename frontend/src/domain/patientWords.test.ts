import { expect, test } from 'vitest';
import { ageOf, deathOf, namesOf, sourceWords } from './patientWords';
import { dayOf } from './timeline/days';

const NOW = dayOf('2026-11-26') ?? 0;

test('the official name stands first, former ones never', () => {
  const names = [
    { text: 'Ada Byron', use: 'maiden' },
    { text: 'エイダ' },
    { text: 'Ada Lovelace', use: 'official' },
  ];
  expect(namesOf(names)).toEqual({ main: 'Ada Lovelace', others: ['Ada Byron', 'エイダ'] });
  expect(namesOf([]).main).toBe('Without a name');
});

test.each([
  [{ birthDate: '1980-11-26' }, '46'],
  [{ birthDate: '1980-11-27' }, '45'],
  [{ birthDate: '1980' }, '45 or 46'],
  [{ birthDate: '1980-05-01', deceased: true, deceasedAt: '2020-04-30' }, '39'],
  [{ birthDate: '1980-05-01', deceased: true }, ''],
  [{ birthDate: '2030' }, ''],
  [{}, ''],
])('%o is %s years old', (lived, age) => {
  expect(ageOf(lived, NOW)).toBe(age);
});

test('death is told with its day where that is known', () => {
  expect(deathOf({ deceased: true, deceasedAt: '2020-04-30T10:00:00Z' })).toBe('Died 2020-04-30');
  expect(deathOf({ deceased: true })).toBe('Died');
  expect(deathOf({ deceased: false })).toBe('');
});

test('sources are words, or a host', () => {
  expect(sourceWords('dicom')).toBe('Images alone');
  expect(sourceWords('https://ehr.example/fhir#1')).toBe('ehr.example');
  expect(sourceWords('ward')).toBe('ward');
});
