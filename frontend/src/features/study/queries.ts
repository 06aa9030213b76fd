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
