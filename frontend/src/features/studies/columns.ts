import { readableDate, readableTime } from '~/domain/dicomDate';
import { readableName } from '~/domain/personName';
import type { Sortable } from '~/domain/studySearch';
import type { StudyRow } from './queries';

export interface Column {
  readonly key: string;
  readonly title: string;
  /** Its least width, in pixels. */
  readonly width: number;
  /** Its share of what is left over. */
  readonly grows?: number;
  readonly sort?: Sortable;
  readonly read: (study: StudyRow) => string;
  readonly isNumber?: boolean;
  /** Whether it is shown to who has chosen no columns. */
  readonly isUsual?: boolean;
}

const USUAL = { isUsual: true } as const;
const NUMBER = { isNumber: true, isUsual: true } as const;

export const COLUMNS: readonly Column[] = [
  {
    key: 'date',
    title: 'Date',
    width: 142,
    sort: 'StudyDate',
    read: (study) =>
      [readableDate(study.studyDate), readableTime(study.studyTime)].filter(Boolean).join(' '),
    ...USUAL,
  },
  {
    key: 'patient',
    title: 'Patient',
    width: 150,
    grows: 1.8,
    sort: 'PatientName',
    read: (study) => readableName(study.patientName),
    ...USUAL,
  },
  {
    key: 'id',
    title: 'Patient ID',
    width: 96,
    grows: 1,
    sort: 'PatientID',
    read: (study) => study.patientId ?? '',
    ...USUAL,
  },
  {
    key: 'issuer',
    title: 'Issuer',
    width: 96,
    grows: 1,
    read: (study) => study.issuerOfPatientId ?? '',
  },
  {
    key: 'born',
    title: 'Born',
    width: 92,
    sort: 'PatientBirthDate',
    read: (study) => readableDate(study.patientBirthDate),
    ...USUAL,
  },
  {
    key: 'sex',
    title: 'Sex',
    width: 56,
    sort: 'PatientSex',
    read: (study) => study.patientSex ?? '',
    ...USUAL,
  },
  {
    key: 'modality',
    title: 'Modality',
    width: 96,
    read: (study) => study.modalitiesInStudy.join(', '),
    ...USUAL,
  },
  {
    key: 'description',
    title: 'Description',
    width: 140,
    grows: 1.6,
    sort: 'StudyDescription',
    read: (study) => study.studyDescription ?? '',
    ...USUAL,
  },
  {
    key: 'accession',
    title: 'Accession',
    width: 96,
    grows: 1,
    sort: 'AccessionNumber',
    read: (study) => study.accessionNumber ?? '',
    ...USUAL,
  },
  {
    key: 'referrer',
    title: 'Referring physician',
    width: 140,
    grows: 1,
    read: (study) => readableName(study.referringPhysicianName),
  },
  {
    key: 'number',
    title: 'Study ID',
    width: 96,
    read: (study) => study.studyId ?? '',
  },
  {
    key: 'partition',
    title: 'Partition',
    width: 96,
    read: (study) => study.partition.name,
  },
  {
    key: 'series',
    title: 'Series',
    width: 64,
    read: (study) => String(study.numberOfStudyRelatedSeries ?? ''),
    ...NUMBER,
  },
  {
    key: 'instances',
    title: 'Instances',
    width: 84,
    read: (study) => String(study.numberOfStudyRelatedInstances ?? ''),
    ...NUMBER,
  },
  {
    key: 'uid',
    title: 'Study UID',
    width: 260,
    grows: 1,
    read: (study) => study.studyInstanceUid,
  },
];

/** What is shown of studies to who may not see whose they are (the server decides). */
const OPEN_KEYS: ReadonlySet<string> = new Set([
  ...['sex', 'modality', 'partition', 'series', 'instances'],
]);
const UID: Column = {
  key: 'description',
  title: 'Study',
  width: 200,
  grows: 2,
  read: (study) => study.studyInstanceUid,
  ...USUAL,
};

export const SHOWN_TO_ALL: readonly Column[] = [
  UID,
  ...COLUMNS.filter(({ key }) => OPEN_KEYS.has(key)),
];

/** The column that leads to the study; it always stays. */
export const LEADING = 'description';

/**
 * Returns the columns that are shown, in the order of the table.
 *
 * @param keys - Those that were chosen, by commas; what is none means nothing.
 */
export function shownColumns(
  offered: readonly Column[],
  keys: string | undefined,
): readonly Column[] {
  const chosen: ReadonlySet<string> = new Set(keys?.split(','));
  const shown = offered.filter(({ key }) => chosen.has(key));
  if (shown.length === 0) {
    return offered.filter(({ isUsual }) => isUsual);
  }
  return offered.filter(({ key }) => chosen.has(key) || key === LEADING);
}
