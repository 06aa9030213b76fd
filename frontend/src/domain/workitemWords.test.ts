import { expect, test } from 'vitest';
import { happenedWords, isFor, performersOf, wordsOfHolder } from './workitemWords';

const BEN = { name: { alphabetic: 'Hur^Ben' }, code: { value: 'ben' } };
const SMITH = { name: { alphabetic: 'Smith^Jo' }, code: null };

test.each([
  [{ happened: ['CREATED'], state: 'SCHEDULED' }, 'Scheduled'],
  [{ happened: ['STATE'], state: 'IN_PROGRESS' }, 'Claimed'],
  [{ happened: ['PROGRESS', 'ASSIGNED'], state: 'SCHEDULED' }, 'Progress told, assigned'],
] as const)('%o is told in words', (event, words) => {
  expect(happenedWords(event)).toBe(words);
});

test('who does it is told before who should', () => {
  const scheduledPerformers = [BEN, SMITH];
  expect(performersOf({ state: 'SCHEDULED', scheduledPerformers })).toBe('for ben, Smith, Jo');
  expect(performersOf({ state: 'IN_PROGRESS', claimedBy: 'eve', scheduledPerformers })).toBe('eve');
  // A program without an account has claimed it.
  expect(performersOf({ state: 'IN_PROGRESS', scheduledPerformers })).toBe('');
});

test('what is for others is not taken from them', () => {
  expect(isFor({ scheduledPerformers: [] }, 'ada')).toBe(true);
  expect(isFor({ scheduledPerformers: [SMITH, BEN] }, 'ben')).toBe(true);
  expect(isFor({ scheduledPerformers: [SMITH, BEN] }, 'ada')).toBe(false);
});

test.each([
  [{ state: 'IN_PROGRESS', claimedBy: 'ben', isMine: false }, 'ben was quicker, and has it.'],
  [{ state: 'IN_PROGRESS', isMine: false }, 'Somebody else was quicker, and has it.'],
  [{ state: 'IN_PROGRESS', claimedBy: 'ada', isMine: true }, 'It is yours already.'],
  [{ state: 'CANCELED', isMine: false }, 'It was canceled meanwhile.'],
] as const)('%o: %s', (now, words) => {
  expect(wordsOfHolder(now)).toBe(words);
});
