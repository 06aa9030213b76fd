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

export const RENAME = graphql(`
  mutation RenameDefinition($id: UUID!, $name: String!) {
    renameCohortDefinition(id: $id, name: $name) {
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

export const VERSIONS = graphql(`
  query VersionsOfDefinition($id: UUID!) {
    cohortDefinition(id: $id) {
      versions {
        number
        content
        savedBy
        savedAt
      }
    }
  }
`);

export const SHARE = graphql(`
  mutation ShareDefinition($id: UUID!, $project: String) {
    shareCohortDefinition(id: $id, project: $project) {
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
  mutation UnshareDefinition($id: UUID!, $project: String) {
    unshareCohortDefinition(id: $id, project: $project) {
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
