import { expect, test } from 'vitest';
import { readQuery, writeQuery } from './address';

test('what is written is read again, numbers as the texts that they are', () => {
  const search = { id: '007', patient: 'Müller & Söhne', modality: 'CT,MR' };
  expect(readQuery(writeQuery(search))).toEqual(search);
});

test('what says nothing is not written', () => {
  expect(writeQuery({ id: undefined, patient: '', look: null })).toBe('');
  expect(writeQuery({ sort: '-StudyDate' })).toBe('?sort=-StudyDate');
});
