import { expect, test } from 'vitest';
import { eachOnce, meantBy } from './finding';

test('a text may be a name, an ID or an accession number', () => {
  expect(meantBy(' doe ')).toEqual({
    uid: undefined,
    byName: { patientName: { anyOf: ['doe'], fuzzy: true } },
    byId: { patientId: { anyOf: ['doe*'] } },
    byAccession: { accessionNumber: { anyOf: ['doe*'] } },
  });
  expect(meantBy('P?1')?.byId).toEqual({ patientId: { anyOf: ['P?1'] } });
});

test('a UID is one, what is too short nothing', () => {
  expect(meantBy('1.2.840.10008')?.uid).toBe('1.2.840.10008');
  expect(meantBy('2026.5')?.uid).toBeUndefined();
  expect(meantBy(`1.2.${'3'.repeat(64)}`)?.uid).toBeUndefined();
  expect(meantBy('1')).toBeUndefined();
});

test('what is found in two ways is shown once', () => {
  expect(eachOnce([{ id: 'a' }, { id: 'b' }, { id: 'a' }])).toEqual([{ id: 'a' }, { id: 'b' }]);
});
