import { expect, test } from 'vitest';
import { removalAt, removalsOf } from './attrition';
import { readDuration, writeDuration } from './duration';
import { fieldsOf, listName, titleOf } from './leafWords';
import { ADDABLE } from './newCriterion';
import { piecesOf, saidAs, slotWords } from './questionText';
import { spanWords } from './spanWords';

const TUMOUR = {
  event: {
    type: 'condition',
    code: { text: 'osteosarcoma' },
    when: { last: 'P2Y' },
    as: 'dx',
  },
};

test('criteria are called by what they are about', () => {
  expect(titleOf(TUMOUR)).toBe('Condition: osteosarcoma');
  expect(titleOf({ not: TUMOUR })).toBe('Not: Condition: osteosarcoma');
  expect(titleOf({ event: { type: 'imaging', modality: ['CT', 'MR'] } })).toBe('Imaging: CT, MR');
  expect(titleOf({ patient: { age: { gt: 45 }, gender: 'female' } })).toBe('Patient: age, sex');
  expect([listName('medication'), listName('imaging'), listName('allergy')]).toEqual([
    'Medications',
    'Studies',
    'Allergies',
  ]);
});

test('all that can be changed has a name of its own', () => {
  expect(fieldsOf(TUMOUR)).toEqual([
    { path: ['event', 'code', 'text'], label: 'Called', value: 'osteosarcoma' },
    { path: ['event', 'when', 'last'], label: 'In the last', value: 'P2Y' },
  ]);
  const imaging = { event: { type: 'imaging', modality: ['CT'], count: { gte: 3 } } };
  expect(fieldsOf(imaging).map(({ label }) => label)).toEqual(['Modality', 'Number at least']);
  const report = { event: { type: 'report', text: { phrase: 'no fracture' } } };
  expect(fieldsOf(report).map(({ label }) => label)).toEqual(['Text says']);
});

test('each kind of criterion is made of what it takes, and of nothing else', () => {
  const made = (key: string, typed: string) =>
    ADDABLE.find((each) => each.key === key)?.make?.(typed);
  expect(made('imaging', 'ct')).toEqual({ event: { type: 'imaging', modality: ['CT'] } });
  expect(made('imaging', 'c t')).toBeUndefined();
  expect(made('oldest', '60')).toEqual({ patient: { age: { lte: 60 } } });
  expect(made('oldest', 'old')).toBeUndefined();
  expect(made('gender', 'Female')).toEqual({ patient: { gender: 'female' } });
});

test('words are marked and replaced by characters, not by halves of them', () => {
  const question = '🩻 of Flurb and MS';
  expect(piecesOf(question, [{ start: 5, end: 10 }])).toEqual([
    { text: '🩻 of ', mark: undefined },
    { text: 'Flurb', mark: 0 },
    { text: ' and MS', mark: undefined },
  ]);
  expect(saidAs(question, { start: 15, end: 17 }, 'multiple sclerosis')).toBe(
    '🩻 of Flurb and multiple sclerosis',
  );
  expect(slotWords('code:MS')).toBe('MS');
});

test('marks that overlap or lie outside break nothing', () => {
  const marks = [
    { start: 0, end: 2 },
    { start: 1, end: 3 },
    { start: 9, end: 12 },
  ];
  expect(
    piecesOf('abcd', marks)
      .map(({ text }) => text)
      .join(''),
  ).toBe('abcd');
});

test('what a criterion removes is not told where a number is hidden or about right', () => {
  const step = (path: string, value: number | null, criterion: object | null) => ({
    path,
    criterion,
    numberOfPatients: {
      value,
      text: value === null ? '<5' : String(value),
      isProtected: value === null || value % 10 === 5,
    },
  });
  const removals = removalsOf([
    step('where', 100, null),
    step('where.all.0', 40, {}),
    step('where.all.1', 35, {}),
    step('where.all.2', null, {}),
  ]);
  expect(removals.map(({ removed }) => removed)).toEqual([undefined, 60, undefined, undefined]);
  expect(removalAt(removals, ['where', 'all', 0])?.share).toBe(0.4);
  expect(removalAt(removals, ['where'])).toBeUndefined();
});

test('durations of one unit are numbers; all else is left as it is', () => {
  expect(readDuration('-P30D')).toEqual({ number: -30, unit: 'D' });
  expect(readDuration('P1Y6M')).toBeUndefined();
  expect(readDuration('2024-05')).toBeUndefined();
  expect(writeDuration({ number: -3, unit: 'M' })).toBe('-P3M');
});

test('days that are not known are months and years', () => {
  expect(spanWords('2024-05-01', '2024-05-31')).toBe('2024-05');
  expect(spanWords('2024-05-03', '2024-05-03')).toBe('2024-05-03');
  expect(spanWords(null, null)).toBe('');
});
