import { graphql } from '~/api/generated';
import type { StudiesRowFragment } from '~/api/generated/graphql';

export const PAGE_SIZE = 100;

graphql(`
  fragment StudiesRow on Study {
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
`);

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
          ...StudiesRow
        }
      }
    }
  }
`);

export const PROJECT_STUDIES = graphql(`
  query ProjectStudiesPage(
    $project: String!
    $filter: StudyFilter
    $partition: String!
    $sort: [String!]
    $first: Int!
    $after: String
  ) {
    project(name: $project, partition: $partition) {
      id
      studies(filter: $filter, sort: $sort, first: $first, after: $after) {
        pageInfo {
          hasNextPage
          endCursor
        }
        edges {
          node {
            ...StudiesRow
          }
        }
      }
    }
  }
`);

export const PROJECT_COUNT = graphql(`
  query ProjectStudiesCount($project: String!, $filter: StudyFilter, $partition: String!) {
    project(name: $project, partition: $partition) {
      id
      studies(filter: $filter, first: 0) {
        totalCount
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

export type StudyRow = StudiesRowFragment;
