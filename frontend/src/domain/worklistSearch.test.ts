import { expect, test } from 'vitest';
import { isWorkNarrowed, orderOf, readWorklistSearch, statesOf, workOf } from './worklistSearch';

test('what means nothing goes out of the address', () => {
  const given = {
    label: ' CT ',
    state: 'gone',
    whose: 'mine',
    priority: 'high',
    overdue: 'no',
    order: 'START',
    text: '',
    other: 'x',
  };
  expect(readWorklistSearch(given)).toEqual({ label: 'CT', whose: 'mine', order: 'START' });
});

test('an address that says nothing asks for what is open, the most urgent first', () => {
  const search = readWorklistSearch({});
  expect(workOf(search, 'ada')).toEqual({});
  expect(statesOf(search)).toEqual(['SCHEDULED', 'IN_PROGRESS']);
  expect(orderOf(search)).toBe('URGENCY');
  expect(isWorkNarrowed(search)).toBe(false);
});

test('all that an address says is asked for', () => {
  const search = readWorklistSearch({
    label: 'CT',
    whose: 'forme',
    priority: 'HIGH',
    overdue: 'yes',
    patient: 'P1',
    text: 'wolf',
  });
  expect(workOf(search, 'ada')).toEqual({
    label: ['CT'],
    performer: 'ada',
    priority: ['HIGH'],
    overdue: true,
    patient: { patientId: 'P1*' },
    text: 'wolf',
  });
  expect(workOf({ whose: 'mine' }, 'ada')).toEqual({ claimedByMe: true });
});

test.each([
  [{ look: '1.2', order: 'DUE', partition: 'site' }, false],
  [{ state: 'completed' }, true],
  [{ whose: 'mine' }, true],
] as const)('what shows or orders narrows nothing: %o', (search, isNarrowed) => {
  expect(isWorkNarrowed(search)).toBe(isNarrowed);
});
