import { expect, test } from 'vitest';
import { readableName } from './personName';

test.each([
  ['Doe^Jane', 'Doe, Jane'],
  ['Doe^Jane^Q^Dr^MD', 'Doe, Dr Jane Q MD'],
  ['Doe', 'Doe'],
  ['^Jane', 'Jane'],
  ['', ''],
  ['<b>Doe</b>^<script>', '<b>Doe</b>, <script>'],
])('%s is read as %s', (alphabetic, expected) => {
  expect(readableName({ alphabetic })).toBe(expected);
});

test('ideographs stand beside letters', () => {
  expect(readableName({ alphabetic: 'Yamada^Tarou', ideographic: '山田^太郎' })).toBe(
    'Yamada, Tarou (山田 太郎)',
  );
  expect(readableName({ ideographic: '山田^太郎' })).toBe('山田 太郎');
  expect(readableName(null)).toBe('');
});
