import { graphql } from '~/api/generated';
import type { SavedDefinitionsQuery } from '~/api/generated/graphql';

export const DEFINITIONS = graphql(`
  query SavedDefinitions($kind: CohortDefinitionKind!, $partition: String!) {
    cohortDefinitions(kind: $kind, partition: $partition, first: 100) {
      totalCount
      edges {
        node {
          id
          name
          description
          owner
          isOwn
          version
          content
          sharedWith
        }
      }
    }
  }
`);

export const CODES = graphql(`
  query ConceptCodes($concept: Criteria!, $type: String!, $partition: String!) {
    conceptCodes(concept: $concept, type: $type, partition: $partition) {
      system
      code
      display
      numberOfPatients
    }
  }
`);

export const SAVE = graphql(`
  mutation SaveDefinition(
    $kind: CohortDefinitionKind!
    $name: String!
    $content: Criteria!
    $partition: String!
  ) {
    saveCohortDefinition(kind: $kind, name: $name, content: $content, partition: $partition) {
      ... on ChangedDefinition {
        definition {
          id
          name
        }
      }
      ... on Fault {
        code
        message
      }
    }
  }
`);

export const REMOVE = graphql(`
  mutation RemoveDefinition($id: UUID!) {
    removeCohortDefinition(id: $id) {
      ... on RemovedDefinition {
        id
      }
      ... on Fault {
        code
        message
      }
    }
  }
`);

export const SHARE = graphql(`
  mutation ShareDefinition($id: UUID!) {
    shareCohortDefinition(id: $id) {
      ... on ChangedDefinition {
        definition {
          id
        }
      }
      ... on Fault {
        code
        message
      }
    }
  }
`);

export const UNSHARE = graphql(`
  mutation UnshareDefinition($id: UUID!) {
    unshareCohortDefinition(id: $id) {
      ... on ChangedDefinition {
        definition {
          id
        }
      }
      ... on Fault {
        code
        message
      }
    }
  }
`);

export type Saved = SavedDefinitionsQuery['cohortDefinitions']['edges'][number]['node'];
