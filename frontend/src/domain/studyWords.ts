import { readableDate } from './dicomDate';
import { type PersonName, readableName } from './personName';
import { joined } from './plainText';

interface Named {
  readonly studyInstanceUid: string;
  readonly studyDescription?: string | null | undefined;
  readonly studyDate?: string | null | undefined;
  readonly patientName?: PersonName | null | undefined;
}

/** Returns a line by which people know a study. */
export function wordsOfStudy(study: Named): string {
  const { patientName, studyDescription, studyDate } = study;
  const words = joined(
    [readableName(patientName), studyDescription, readableDate(studyDate)],
    ', ',
  );
  return words || study.studyInstanceUid;
}
