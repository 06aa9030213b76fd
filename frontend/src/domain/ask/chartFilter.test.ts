import { expect, test } from 'vitest';
import { criteriaOf, readFilters, wordsOfBar } from './chartFilter';

const ASKED = {
  where: {
    all: [
      { patient: { age: { gt: 45 } } },
      { event: { type: 'condition', code: { text: 'osteosarcoma' } } },
    ],
  },
};

test('values of a chart are any of them, several charts all of them', () => {
  const filters = readFilters('[["AGE","40"],["GENDER","male"],["AGE","50"]]');
  expect(criteriaOf(filters, ASKED)).toEqual([
    {
      any: [{ patient: { age: { gte: 40, lt: 50 } } }, { patient: { age: { gte: 50, lt: 60 } } }],
    },
    { patient: { gender: 'male' } },
  ]);
});

test('a year is one of the diagnosis that was asked for', () => {
  expect(criteriaOf([{ chart: 'DIAGNOSIS_YEAR', value: '2024' }], ASKED)).toEqual([
    {
      event: {
        type: 'condition',
        code: { text: 'osteosarcoma' },
        when: { from: '2024-01-01', to: '2024-12-31' },
      },
    },
  ]);
});

test('a code keeps its system, a word is a word', () => {
  const [coded, worded] = [
    criteriaOf([{ chart: 'CONDITION', value: 'http://snomed.info/sct|21708004' }], ASKED),
    criteriaOf([{ chart: 'MEDICATION', value: 'Doxorubicin' }], ASKED),
  ];
  expect(coded).toEqual([
    {
      event: {
        type: 'condition',
        code: { codes: [{ system: 'http://snomed.info/sct', code: '21708004' }] },
      },
    },
  ]);
  expect(worded).toEqual([{ event: { type: 'medication', code: { text: 'Doxorubicin' } } }]);
});

test('filters that are none are left out', () => {
  expect(readFilters('[["NO","1"],["AGE",1],"x",null]')).toEqual([]);
  expect(readFilters('{')).toEqual([]);
  expect(criteriaOf([{ chart: 'AGE', value: 'old' }], ASKED)).toEqual([]);
});

test('bars are called as people do', () => {
  expect(wordsOfBar('AGE', '40', '40')).toBe('40–49');
  expect(wordsOfBar('GENDER', 'female', 'female')).toBe('Female');
  expect(wordsOfBar('MODALITY', 'CT', 'CT')).toBe('CT');
});
