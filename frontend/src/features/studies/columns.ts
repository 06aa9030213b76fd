import { readableDate, readableTime } from '~/domain/dicomDate';
import { readableName } from '~/domain/personName';
import type { Sortable } from '~/domain/studySearch';
import type { StudyRow } from './queries';

export interface Column {
  readonly key: string;
  readonly title: string;
  /** A track of CSS grid. */
  readonly width: string;
  readonly sort?: Sortable;
  readonly read: (study: StudyRow) => string;
  readonly isNumber?: boolean;
}

export const COLUMNS: readonly Column[] = [
  {
    key: 'date',
    title: 'Date',
    width: '142px',
    sort: 'StudyDate',
    read: (study) =>
      [readableDate(study.studyDate), readableTime(study.studyTime)].filter(Boolean).join(' '),
  },
  {
    key: 'patient',
    title: 'Patient',
    width: 'minmax(150px, 1.8fr)',
    sort: 'PatientName',
    read: (study) => readableName(study.patientName),
  },
  {
    key: 'id',
    title: 'Patient ID',
    width: 'minmax(96px, 1fr)',
    sort: 'PatientID',
    read: (study) => study.patientId ?? '',
  },
  {
    key: 'born',
    title: 'Born',
    width: '92px',
    sort: 'PatientBirthDate',
    read: (study) => readableDate(study.patientBirthDate),
  },
  {
    key: 'sex',
    title: 'Sex',
    width: '56px',
    sort: 'PatientSex',
    read: (study) => study.patientSex ?? '',
  },
  {
    key: 'modality',
    title: 'Modality',
    width: '96px',
    read: (study) => study.modalitiesInStudy.join(', '),
  },
  {
    key: 'description',
    title: 'Description',
    width: 'minmax(140px, 1.6fr)',
    sort: 'StudyDescription',
    read: (study) => study.studyDescription ?? '',
  },
  {
    key: 'accession',
    title: 'Accession',
    width: 'minmax(96px, 1fr)',
    sort: 'AccessionNumber',
    read: (study) => study.accessionNumber ?? '',
  },
  {
    key: 'series',
    title: 'Series',
    width: '64px',
    isNumber: true,
    read: (study) => String(study.numberOfStudyRelatedSeries ?? ''),
  },
  {
    key: 'instances',
    title: 'Instances',
    width: '84px',
    isNumber: true,
    read: (study) => String(study.numberOfStudyRelatedInstances ?? ''),
  },
];

/** What is shown of studies to who may not see whose they are (the server decides). */
const OPEN_KEYS: ReadonlySet<string> = new Set(['sex', 'modality', 'series', 'instances']);
const UID: Column = {
  key: 'description',
  title: 'Study',
  width: 'minmax(200px, 2fr)',
  read: (study) => study.studyInstanceUid,
};

export const SHOWN_TO_ALL: readonly Column[] = [
  UID,
  ...COLUMNS.filter(({ key }) => OPEN_KEYS.has(key)),
];
