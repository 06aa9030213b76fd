import { useEffect, useState } from 'react';
import { useClient } from 'urql';
import { faultOfChange } from '~/api/change';
import { graphql } from '~/api/generated';
import type { CohortFormat } from '~/api/generated/graphql';
import type { Fault } from '~/domain/fault';

const EXPORT = graphql(`
  mutation ExportCohort($run: UUID!, $formats: [CohortFormat!]!) {
    result: startCohortExport(id: $run, formats: $formats) {
      ... on StartedOperation {
        operation {
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

const EXPORT_STUDIES = graphql(`
  mutation ExportCohortStudies($run: UUID!) {
    result: startCohortStudyExport(id: $run, destination: { download: true }) {
      ... on StartedOperation {
        operation {
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

export interface Exporting {
  readonly state: 'none' | 'running' | 'started';
  readonly fault: Fault | undefined;
  /** Starts an export: of rows in a format, or of the studies as DICOM files. */
  readonly start: (what: CohortFormat | 'DICOM') => void;
}

/** Has what was found exported, as an operation of the portal. */
export function useExport(run: string): Exporting {
  const client = useClient();
  const [state, setState] = useState<Exporting['state']>('none');
  const [fault, setFault] = useState<Fault>();
  // biome-ignore lint/correctness/useExhaustiveDependencies: of another answer nothing was started
  useEffect(() => {
    setState('none');
    setFault(undefined);
  }, [run]);
  const start: Exporting['start'] = (what) => {
    setState('running');
    setFault(undefined);
    const answer =
      what === 'DICOM'
        ? client.mutation(EXPORT_STUDIES, { run })
        : client.mutation(EXPORT, { run, formats: [what] });
    void answer.toPromise().then((result) => {
      const refusal = faultOfChange(result, (data) => data.result);
      setFault(refusal);
      setState(refusal === undefined ? 'started' : 'none');
    });
  };
  return { state, fault, start };
}
