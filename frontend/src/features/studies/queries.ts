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
    studyId
    issuerOfPatientId
    referringPhysicianName {
      alphabetic
      ideographic
    }
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

graphql(`
  fragment StudiesFacet on StudyFacet {
    name
    values {
      value
      count
    }
  }
`);

export const COUNTS = graphql(`
  query StudiesFacets(
    $facets: [StudyFacetName!]!
    $filter: StudyFilter
    $partition: String
  ) {
    studyFacets(facets: $facets, filter: $filter, partition: $partition, alternatives: true) {
      ...StudiesFacet
    }
  }
`);

export const PROJECT_COUNTS = graphql(`
  query ProjectStudiesFacets(
    $facets: [StudyFacetName!]!
    $project: String!
    $filter: StudyFilter
    $partition: String!
  ) {
    project(name: $project, partition: $partition) {
      id
      studyFacets(facets: $facets, filter: $filter, alternatives: true) {
        ...StudiesFacet
      }
    }
  }
`);

export type StudyRow = StudiesRowFragment;
