import { screen, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { show } from '~/test/page';
import { StudyDocument } from './StudyDocument';
import { TellerWords } from './TellerWords';

const LETTER = {
  start: '2026-02-01T10:15:00+01:00',
  description: 'Letter',
  text: 'No fracture.',
  code: { text: 'Diagnostic imaging study' },
  attachments: [{ url: null }, { url: 'javascript:alert(1)' }, { url: 'https://h/pdf' }],
};

test('a document says what it says, and leads only to addresses of the web', () => {
  show(<StudyDocument document={LETTER} />);
  const found = within(screen.getByRole('region', { name: 'Document' }));
  for (const words of ['Letter', 'Document, 2026-02-01', 'No fracture.']) {
    expect(found.getByText(words)).toBeDefined();
  }
  const links = found.getAllByRole('link').map((each) => each.getAttribute('href'));
  expect(links).toEqual(['https://h/pdf']);
});

test('a document without words of its own is named only', () => {
  show(<StudyDocument document={{ ...LETTER, text: 'Letter', attachments: [] }} />);
  expect(screen.getAllByText('Letter')).toHaveLength(1);
});

test('what the record tells is named, where it tells anything', () => {
  const images = { name: 'series', source: 'IMAGES' };
  show(<TellerWords elements={[images]} />);
  expect(screen.queryByText(/Told by the record/)).toBeNull();
  show(<TellerWords elements={[images, { name: 'reasonCode', source: 'RECORD' }]} />);
  expect(screen.getByText(/Told by the record: reasonCode\./)).toBeDefined();
});
