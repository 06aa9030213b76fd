import { graphql } from '~/api/generated';
import type { WorkDetailFragment, WorklistRowFragment } from '~/api/generated/graphql';

export const PAGE_SIZE = 100;

graphql(`
  fragment WorklistRow on Workitem {
    id
    uid
    state
    priority
    inputReadiness
    procedureStepLabel
    worklistLabel
    patientId
    patientName {
      alphabetic
      ideographic
    }
    start
    expectedCompletion
    isOverdue
    modifiedAt
    progress
    claimedBy
    isMine
    scheduledPerformers {
      name {
        alphabetic
        ideographic
      }
      code {
        value
      }
    }
    studyInstanceUids
    actions
  }
`);

graphql(`
  fragment WorkDetail on Workitem {
    ...WorklistRow
    comments
    issuerOfPatientId
    patientBirthDate
    patientSex
    accessionNumbers
    scheduledWorkitemCodes {
      value
      scheme
      meaning
    }
    scheduledStations {
      value
      scheme
      meaning
    }
    endedAt
    progressDescription
    reasonForCancellation
    replacedUids
    madeByRule
    cancelRequest {
      by
      reason
      contact
    }
    history {
      at
      by
      happened
      state
      reason
    }
    studies(first: 20) {
      edges {
        node {
          id
          studyInstanceUid
          studyDescription
          studyDate
          modalitiesInStudy
        }
      }
    }
  }
`);

export const WORKITEMS = graphql(`
  query WorklistPage(
    $filter: WorkitemFilter
    $orderBy: WorkitemOrder!
    $partition: String!
    $first: Int!
    $after: String
  ) {
    workitems(
      filter: $filter
      orderBy: $orderBy
      partition: $partition
      first: $first
      after: $after
    ) {
      pageInfo {
        hasNextPage
        endCursor
      }
      edges {
        node {
          ...WorklistRow
        }
      }
    }
  }
`);

export const COUNTS = graphql(`
  query WorklistCounts($filter: WorkitemFilter, $partition: String!) {
    workitemCounts(filter: $filter, partition: $partition) {
      scheduled
      inProgress
      completed
      canceled
      overdue
    }
  }
`);

export const WORKLISTS = graphql(`
  query WorklistLabels($partition: String!) {
    worklists(partition: $partition, first: 200) {
      edges {
        node {
          id
          label
        }
      }
    }
  }
`);

export const WORKITEM = graphql(`
  query WorklistItem($uid: UI!, $partition: String!) {
    workitem(uid: $uid, partition: $partition) {
      ...WorkDetail
    }
  }
`);

export const DATA_SET = graphql(`
  query WorklistDataSet($uid: UI!, $partition: String!) {
    workitem(uid: $uid, partition: $partition) {
      id
      dicomJson
    }
  }
`);

/** What may be next: of each priority what is due first. */
export const NEXT = graphql(`
  query WorklistNext(
    $high: WorkitemFilter
    $medium: WorkitemFilter
    $low: WorkitemFilter
    $partition: String!
    $first: Int!
  ) {
    high: workitems(filter: $high, orderBy: DUE, partition: $partition, first: $first) {
      edges {
        node {
          ...WorklistRow
        }
      }
    }
    medium: workitems(filter: $medium, orderBy: DUE, partition: $partition, first: $first) {
      edges {
        node {
          ...WorklistRow
        }
      }
    }
    low: workitems(filter: $low, orderBy: DUE, partition: $partition, first: $first) {
      edges {
        node {
          ...WorklistRow
        }
      }
    }
  }
`);

export const LIST_TOLD = graphql(`
  subscription WorklistTold($label: String, $partition: String!) {
    worklist(label: $label, partition: $partition) {
      cursor
    }
  }
`);

export const WORK_TOLD = graphql(`
  subscription WorkitemTold($uid: UI!, $partition: String!) {
    workitem(uid: $uid, partition: $partition) {
      cursor
    }
  }
`);

export const PERFORMERS = graphql(`
  query WorkitemPerformers(
    $uid: UI!
    $text: String!
    $partition: String!
    $first: Int!
    $after: String
  ) {
    workitemPerformers(
      uid: $uid
      text: $text
      partition: $partition
      first: $first
      after: $after
    ) {
      pageInfo {
        hasNextPage
        endCursor
      }
      edges {
        node {
          name
          fullName
        }
      }
    }
  }
`);

export type WorkRow = WorklistRowFragment;
export type WorkDetail = WorkDetailFragment;
