import { graphql } from '~/api/generated';
import type { PatientsRowFragment } from '~/api/generated/graphql';

export const PAGE_SIZE = 100;

graphql(`
  fragment PatientsRow on Patient {
    id
    fhirId
    names {
      text
      use
    }
    identifiers {
      system
      value
    }
    sex
    birthDate
    deceased
    deceasedAt
    sources
  }
`);

export const PATIENTS = graphql(`
  query PatientsPage($filter: PatientFilter, $partition: String!, $first: Int!, $after: String) {
    patients(filter: $filter, partition: $partition, first: $first, after: $after) {
      pageInfo {
        hasNextPage
        endCursor
      }
      edges {
        node {
          ...PatientsRow
        }
      }
    }
  }
`);

export const COUNT = graphql(`
  query PatientsCount($filter: PatientFilter, $partition: String!) {
    patients(filter: $filter, partition: $partition, first: 0) {
      totalCount
    }
  }
`);

export type PatientRow = PatientsRowFragment;
