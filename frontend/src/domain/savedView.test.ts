import { expect, test } from 'vitest';
import { keptSearch, namesPatients, readKept, readViews } from './savedView';
import { STUDY_VIEWS } from './studySearch';
import { WORKLIST_VIEWS } from './worklistSearch';

test('a view keeps what is looked for, and never of whom', () => {
  const search = {
    patient: 'wolf',
    words: 'wolf chest',
    id: '1',
    accession: 'x',
    look: '1.2',
    modality: 'CT',
    sort: '-StudyDate',
    columns: 'date,patient',
  };
  expect(keptSearch(STUDY_VIEWS, search)).toEqual({
    modality: 'CT',
    sort: '-StudyDate',
    columns: 'date,patient',
  });
});

test('a view says of which page it is; those of studies do as they always did', () => {
  const kept = keptSearch(WORKLIST_VIEWS, { label: 'CT', patient: 'P1', look: '1.2' });
  expect(kept).toEqual({ label: 'CT', page: '/worklist' });
  expect(readKept(kept)).toEqual({ page: '/worklist', search: { label: 'CT' } });
  expect(readKept({ modality: 'CT' })).toEqual({ page: '/studies', search: { modality: 'CT' } });
});

test('who keeps a view is told what is left out of it', () => {
  expect(namesPatients(WORKLIST_VIEWS, { label: 'CT', look: '1.2' })).toBe(false);
  expect(namesPatients(WORKLIST_VIEWS, { text: 'wolf' })).toBe(true);
});

test.each(['{', '5', 'null', '[1, null, {"name": 5}, {"name": " "}]'])(
  'what is no list of views is none: %s',
  (text) => {
    expect(readViews(text)).toEqual([]);
  },
);

test('what means nothing goes out of views that were kept', () => {
  const text = JSON.stringify([
    { name: 'odd', search: { modality: 'CT', sort: 'Nothing', other: 1, from: 7 } },
  ]);
  expect(readViews(text)).toEqual([{ name: 'odd', search: { modality: 'CT' } }]);
});
