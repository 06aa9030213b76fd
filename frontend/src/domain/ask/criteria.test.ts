import { expect, test } from 'vitest';
import {
  asCriteria,
  leavesOf,
  listsOf,
  narrowed,
  readCriteria,
  replacedAt,
  withNode,
  withoutNode,
} from './criteria';

const AGE = { patient: { age: { gt: 45 } } };
const TUMOUR = { event: { type: 'condition', code: { text: 'osteosarcoma' } } };
const DRUG = { event: { type: 'medication' } };
const DEEP = { all: [AGE, { any: [{ not: TUMOUR }, DRUG] }] };

test('leaves are found in the order of writing, below groups and denials', () => {
  expect(leavesOf(DEEP)).toEqual([AGE, TUMOUR, DRUG]);
  expect(leavesOf({ atleast: { n: 1, of: [DRUG, AGE] } })).toEqual([DRUG, AGE]);
});

test('a value is replaced where it is, and made nowhere else', () => {
  expect(replacedAt(DEEP, ['all', 0, 'patient', 'age', 'gt'], 60)).toEqual({
    all: [{ patient: { age: { gt: 60 } } }, DEEP.all[1]],
  });
  expect(replacedAt(AGE, ['patient', 'birth', 'gt'], 1)).toEqual(AGE);
  expect(replacedAt({}, ['__proto__', 'polluted'], 1)).toEqual({});
});

test('groups go with the last of what they hold', () => {
  expect(withoutNode(DEEP, ['all', 1, 'any', 0, 'not'])).toEqual({ all: [AGE, { any: [DRUG] }] });
  expect(withoutNode({ all: [{ not: DRUG }, AGE] }, ['all', 0, 'not'])).toEqual({ all: [AGE] });
  expect(withoutNode({ all: [{ any: [DRUG] }] }, ['all', 0, 'any', 0])).toBeUndefined();
  expect(withoutNode({ atleast: { n: 2, of: [AGE, DRUG] } }, ['atleast', 'of', 0])).toEqual({
    atleast: { n: 1, of: [DRUG] },
  });
});

test('what is added to one criterion makes a group of both', () => {
  expect(withNode(AGE, DRUG)).toEqual({ all: [AGE, DRUG] });
  expect(withNode({ any: [AGE] }, DRUG)).toEqual({ any: [AGE, DRUG] });
});

test('what narrows alternatives holds beside all of them', () => {
  expect(narrowed({ where: { any: [AGE, TUMOUR] } }, [DRUG]).where).toEqual({
    all: [{ any: [AGE, TUMOUR] }, DRUG],
  });
});

test('what is no criteria is none', () => {
  expect(readCriteria('{"where":')).toBeUndefined();
  expect(readCriteria('{"where":[]}')).toBeUndefined();
  expect(asCriteria(null)).toBeUndefined();
  const bottomless = `{"where":${'{"not":'.repeat(60)}{}${'}'.repeat(61)}`;
  expect(readCriteria(bottomless)).toBeUndefined();
  expect(readCriteria('{"where":{"patient":{}}}')).toEqual({ where: { patient: {} } });
});

test('patients and counts are no lists', () => {
  const outputs = [
    { place: 0, what: 'count' },
    { place: 1, what: 'imaging' },
  ];
  expect(listsOf(outputs)).toEqual([{ place: 1, what: 'imaging' }]);
});
