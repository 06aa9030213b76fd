import type { DataSet } from './dataSet';
import type { Outcome } from './upload';

const REFERENCED = '00081199';
const FAILED = '00081198';
const FAILURE_REASON = '00081197';
const WARNING_REASON = '00081196';
const COMMENT = '00000902';
const EXISTS = 45_070; // B00E
const IDENTICAL = /identical bytes/;

/** Returns what a store of one file answers (DICOM PS3.18 10.5.3). */
export function outcomeOf(answer: DataSet): Outcome {
  const failed = firstItem(answer, FAILED);
  if (failed !== undefined) {
    const reason = Number(firstValue(failed, FAILURE_REASON));
    const remark = String(firstValue(failed, COMMENT) ?? `The portal refused it (${reason}).`);
    const isHeld = reason === EXISTS && IDENTICAL.test(remark);
    return { state: isHeld ? 'held' : 'refused', remark: isHeld ? '' : remark };
  }
  const stored = firstItem(answer, REFERENCED);
  if (stored === undefined) {
    return { state: 'refused', remark: 'The file holds no instance.' };
  }
  const isWarned = firstValue(stored, WARNING_REASON) !== undefined;
  return { state: 'stored', remark: isWarned ? 'Some of its attributes break the rules.' : '' };
}

function firstItem(dataSet: DataSet, tag: string): DataSet | undefined {
  const item = firstValue(dataSet, tag);
  return typeof item === 'object' && item !== null ? (item as DataSet) : undefined;
}

function firstValue(dataSet: DataSet, tag: string): unknown {
  return dataSet[tag]?.Value?.[0];
}
