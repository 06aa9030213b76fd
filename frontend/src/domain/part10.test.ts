import { expect, test } from 'vitest';
import { keyOf, readBeginning } from './part10';

function element(tag: number, vr: string, value: string): number[] {
  const padded = value.length % 2 ? `${value}\0` : value;
  const bytes = [...padded].map((character) => character.charCodeAt(0));
  const number = (n: number) => [n & 0xff, n >> 8];
  return [
    ...number(tag >>> 16),
    ...number(tag & 0xffff),
    ...[...vr].map((character) => character.charCodeAt(0)),
    ...number(bytes.length),
    ...bytes,
  ];
}

function file(sopClass: string, ...elements: number[][]): Uint8Array {
  const meta = [
    ...element(0x00020002, 'UI', sopClass),
    ...element(0x00020010, 'UI', '1.2.840.10008.1.2.1'),
  ];
  const length = [0x02, 0, 0, 0, 0x55, 0x4c, 4, 0, meta.length, 0, 0, 0];
  return new Uint8Array([
    ...Array<number>(128).fill(0),
    ...[...'DICM'].map((character) => character.charCodeAt(0)),
    ...length,
    ...meta,
    ...elements.flat(),
  ]);
}

const WHOLE = [
  element(0x00080018, 'UI', '1.2.3'),
  element(0x00100010, 'PN', 'Doe^Jane'),
  element(0x0020000d, 'UI', '1.2'),
  element(0x0020000e, 'UI', '1.2.9'),
];

test('the UIDs of an instance are read', () => {
  const uids = { study: '1.2', series: '1.2.9', instance: '1.2.3' };
  expect(readBeginning(file('1.2.840.10008.5.1.4.1.1.2', ...WHOLE))).toEqual({
    kind: 'instance',
    uids,
  });
  expect(keyOf(uids)).toBe('1.2/1.2.9/1.2.3');
});

test('what is cut off before them is for the server to see', () => {
  const bytes = file('1.2.840.10008.5.1.4.1.1.2', ...WHOLE);
  for (const length of [132, 150, bytes.length - 20]) {
    expect(readBeginning(bytes.slice(0, length)).kind).toBe('unknown');
  }
  expect(readBeginning(file('1.2', element(0x00080018, 'UI', '1.2.3'))).kind).toBe('unknown');
});

test('what is no instance is told apart', () => {
  expect(readBeginning(new TextEncoder().encode('just a text'))).toEqual({ kind: 'other' });
  expect(readBeginning(new Uint8Array(0))).toEqual({ kind: 'other' });
  expect(readBeginning(file('1.2.840.10008.1.3.10', element(0x00041130, 'CS', 'DISC')))).toEqual({
    kind: 'directory',
  });
});
