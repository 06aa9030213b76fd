import { graphql } from '~/api/generated';
import type { StudiesPageQuery } from '~/api/generated/graphql';

export const PAGE_SIZE = 100;

export const STUDIES = graphql(`
  query StudiesPage(
    $filter: StudyFilter
    $partition: String
    $sort: [String!]
    $first: Int!
    $after: String
  ) {
    studies(
      filter: $filter
      partition: $partition
      sort: $sort
      first: $first
      after: $after
    ) {
      pageInfo {
        hasNextPage
        endCursor
      }
      edges {
        node {
          id
          studyInstanceUid
          studyDate
          studyTime
          studyDescription
          accessionNumber
          modalitiesInStudy
          patientId
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
        }
      }
    }
  }
`);

export const COUNT = graphql(`
  query StudiesCount($filter: StudyFilter, $partition: String) {
    studies(filter: $filter, partition: $partition, first: 0) {
      totalCount
    }
  }
`);

export type StudyRow = StudiesPageQuery['studies']['edges'][number]['node'];
