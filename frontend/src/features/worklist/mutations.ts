import { graphql } from '~/api/generated';

graphql(`
  fragment WorkChange on ChangeWorkitemResult {
    __typename
    ... on ChangedWorkitem {
      uid
      warning
      workitem {
        ...WorkDetail
      }
    }
    ... on Fault {
      code
      message
      path
    }
  }
`);

export const CLAIM = graphql(`
  mutation ClaimWorkitem($uid: UI!, $partition: String!) {
    result: claimWorkitem(uid: $uid, partition: $partition) {
      ...WorkChange
    }
  }
`);

export const RELEASE = graphql(`
  mutation ReleaseWorkitem($uid: UI!, $partition: String!, $reason: String!) {
    result: releaseWorkitem(uid: $uid, partition: $partition, reason: $reason) {
      ...WorkChange
    }
  }
`);

export const HAND_OVER = graphql(`
  mutation HandOverWorkitem($uid: UI!, $partition: String!, $to: String!, $reason: String!) {
    result: handOverWorkitem(uid: $uid, partition: $partition, to: $to, reason: $reason) {
      ...WorkChange
    }
  }
`);

export const UPDATE = graphql(`
  mutation UpdateWorkitem($uid: UI!, $partition: String!, $changes: WorkitemUpdateInput!) {
    result: updateWorkitem(uid: $uid, partition: $partition, changes: $changes) {
      ...WorkChange
    }
  }
`);

export const COMPLETE = graphql(`
  mutation CompleteWorkitem($uid: UI!, $partition: String!, $performed: WorkitemPerformedInput) {
    result: completeWorkitem(uid: $uid, partition: $partition, performed: $performed) {
      ...WorkChange
    }
  }
`);

export const CANCEL = graphql(`
  mutation CancelWorkitem($uid: UI!, $partition: String!, $why: WorkitemCancelInput) {
    result: cancelWorkitem(uid: $uid, partition: $partition, why: $why) {
      ...WorkChange
    }
  }
`);

export const REQUEST_CANCEL = graphql(`
  mutation RequestWorkitemCancel($uid: UI!, $partition: String!, $why: WorkitemCancelInput) {
    result: requestWorkitemCancel(uid: $uid, partition: $partition, why: $why) {
      ...WorkChange
    }
  }
`);
