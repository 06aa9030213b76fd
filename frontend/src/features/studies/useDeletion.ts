import { useState } from 'react';
import { useMutation } from 'urql';
import { faultOfChange } from '~/api/change';
import { graphql } from '~/api/generated';
import type { Fault } from '~/domain/fault';
import type { StudyRow } from './queries';

const DELETE = graphql(`
  mutation DeleteChosenStudy($uid: UI!, $partition: String!, $reason: String!) {
    deleteStudy(studyInstanceUid: $uid, partition: $partition, reason: $reason) {
      ... on Deleted {
        numberOfInstances
      }
      ... on Fault {
        code
        message
      }
    }
  }
`);

export interface Failure {
  readonly study: StudyRow;
  readonly fault: Fault;
}

interface Deletion {
  readonly state: 'asking' | 'ended' | 'running';
  /** How many were tried. */
  readonly done: number;
  readonly failures: readonly Failure[];
  /** Deletes all, one after another, and returns how many stayed. */
  readonly start: (reason: string) => Promise<number>;
}

/** Deletes studies: what fails stays, and the others go. */
export function useDeletion(studies: readonly StudyRow[]): Deletion {
  const [, remove] = useMutation(DELETE);
  const [state, setState] = useState<Deletion['state']>('asking');
  const [done, setDone] = useState(0);
  const [failures, setFailures] = useState<readonly Failure[]>([]);
  const start = async (reason: string) => {
    setState('running');
    const failed: Failure[] = [];
    for (const [at, study] of studies.entries()) {
      const { studyInstanceUid: uid, partition } = study;
      const result = await remove({ uid, partition: partition.name, reason });
      const fault = faultOfChange(result, (data) => data.deleteStudy);
      // Somebody else may have been faster.
      if (fault !== undefined && fault.code !== 'NOT_FOUND') {
        failed.push({ study, fault });
      }
      setDone(at + 1);
    }
    setFailures(failed);
    setState('ended');
    return failed.length;
  };
  return { state, done, failures, start };
}
