import { graphql } from '~/api/generated';
import type { StudyOfPageQuery } from '~/api/generated/graphql';

export const STUDY = graphql(`
  query StudyOfPage($uid: UI!, $partition: String!) {
    study(studyInstanceUid: $uid, partition: $partition) {
      id
      studyInstanceUid
      studyDate
      studyTime
      studyDescription
      studyId
      accessionNumber
      modalitiesInStudy
      referringPhysicianName {
        alphabetic
        ideographic
      }
      patientId
      issuerOfPatientId
      patientName {
        alphabetic
        ideographic
      }
      patientBirthDate
      patientSex
      numberOfStudyRelatedSeries
      numberOfStudyRelatedInstances
      partition {
        name
      }
      series(first: 200) {
        pageInfo {
          hasNextPage
        }
        edges {
          node {
            id
            seriesInstanceUid
            seriesNumber
            modality
            seriesDescription
            bodyPartExamined
            numberOfSeriesRelatedInstances
          }
        }
      }
    }
  }
`);

export const INSTANCES = graphql(`
  query InstancesOfSeries($uid: UI!, $partition: String!, $after: String) {
    series(
      filter: { seriesInstanceUid: [$uid] }
      partition: $partition
      first: 1
    ) {
      edges {
        node {
          id
          instances(first: 200, after: $after) {
            pageInfo {
              hasNextPage
              endCursor
            }
            edges {
              node {
                id
                sopInstanceUid
                instanceNumber
              }
            }
          }
        }
      }
    }
  }
`);

export type StudyOfPage = NonNullable<StudyOfPageQuery['study']>;
export type SeriesOfPage = StudyOfPage['series']['edges'][number]['node'];

/** What tells one of several studies from the others. */
export const TITLE = graphql(`
  query StudyTitle($uid: UI!, $partition: String!) {
    study(studyInstanceUid: $uid, partition: $partition) {
      id
      studyInstanceUid
      studyDescription
      studyDate
      patientName {
        alphabetic
        ideographic
      }
    }
  }
`);

/** What the clinical record knows of a study. */
export const RECORD = graphql(`
  query RecordOfStudy($uid: UI!, $partition: String!) {
    study(studyInstanceUid: $uid, partition: $partition) {
      id
      patient {
        id
        fhirId
        names {
          text
          use
        }
      }
      reports {
        isSuggestion
        report {
          fhirId
          status
          start
          text
          code {
            text
          }
        }
      }
      documents {
        document {
          fhirId
          start
          description
          text
          code {
            text
          }
          attachments {
            url
          }
        }
      }
      elements {
        name
        source
      }
    }
  }
`);
