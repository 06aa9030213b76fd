import { graphql } from '~/api/generated';
import type { ConflictRowFragment, DecisionRowFragment } from '~/api/generated/graphql';

graphql(`
  fragment ConflictRow on PatientConflict {
    conflictId
    kind
    meaning
    studyInstanceUid
    detail
    foundAt
    study {
      id
      studyInstanceUid
      studyDate
      studyDescription
      patientId
      issuerOfPatientId
      patientName {
        alphabetic
        ideographic
      }
    }
  }
`);

graphql(`
  fragment DecisionRow on PatientDecision {
    decisionId
    action
    about
    actor
    reason
    decidedAt
    undoneAt
  }
`);

export const CONFLICTS = graphql(`
  query PatientConflicts($partition: String!, $first: Int!, $after: String) {
    patientConflicts(partition: $partition, first: $first, after: $after) {
      pageInfo {
        hasNextPage
        endCursor
      }
      edges {
        node {
          ...ConflictRow
        }
      }
    }
  }
`);

export const DECISIONS = graphql(`
  query PatientDecisions($partition: String!) {
    patientDecisions(partition: $partition) {
      ...DecisionRow
    }
  }
`);

export const RESOLVE = graphql(`
  mutation ResolveConflict($partition: String!, $id: BigInt!, $reason: String!) {
    result: resolvePatientConflict(partition: $partition, conflictId: $id, reason: $reason) {
      __typename
      ... on Fault {
        code
        message
        retryAfter
      }
    }
  }
`);

export const MERGE = graphql(`
  mutation MergePatients(
    $partition: String!
    $one: Somebody!
    $other: Somebody!
    $reason: String!
  ) {
    result: mergePatients(partition: $partition, one: $one, other: $other, reason: $reason) {
      __typename
      ... on Fault {
        code
        message
        retryAfter
      }
    }
  }
`);

export const SPLIT = graphql(`
  mutation SplitPatient($partition: String!, $one: Somebody!, $reason: String!) {
    result: splitPatient(partition: $partition, one: $one, reason: $reason) {
      __typename
      ... on Fault {
        code
        message
        retryAfter
      }
    }
  }
`);

export const UNDO = graphql(`
  mutation UndoDecision($partition: String!, $id: BigInt!, $reason: String!) {
    result: undoPatientDecision(partition: $partition, decisionId: $id, reason: $reason) {
      __typename
      ... on Fault {
        code
        message
        retryAfter
      }
    }
  }
`);

export type ConflictRow = ConflictRowFragment;
export type DecisionRow = DecisionRowFragment;
