import { expect, test } from 'vitest';
import type { DataSet } from './dataSet';
import { outcomeOf } from './stowAnswer';

function refused(reason: number, comment?: string): DataSet {
  const item = {
    '00081197': { vr: 'US', Value: [reason] },
    ...(comment && { '00000902': { vr: 'LO', Value: [comment] } }),
  };
  return { '00081198': { vr: 'SQ', Value: [item] } };
}

test('what was stored is, with a remark where there was a warning', () => {
  const stored = (item: DataSet): DataSet => ({ '00081199': { vr: 'SQ', Value: [item] } });
  expect(outcomeOf(stored({}))).toEqual({ state: 'stored', remark: '' });
  const warned = stored({ '00081196': { vr: 'US', Value: [45_063] } });
  expect(outcomeOf(warned)).toMatchObject({ state: 'stored', remark: expect.stringMatching(/./) });
});

test('the same bytes are held, other ones are refused', () => {
  const same = 'The instance exists already, with identical bytes: nothing is left to do.';
  const other = 'The instance exists already, with different bytes. Use PUT to replace it.';
  expect(outcomeOf(refused(45_070, same))).toEqual({ state: 'held', remark: '' });
  expect(outcomeOf(refused(45_070, other))).toEqual({ state: 'refused', remark: other });
});

test('a refusal says why, as far as it is told', () => {
  expect(outcomeOf(refused(49_152, 'no pixels'))).toEqual({
    state: 'refused',
    remark: 'no pixels',
  });
  expect(outcomeOf(refused(272)).remark).toContain('272');
  expect(outcomeOf({}).state).toBe('refused');
});
