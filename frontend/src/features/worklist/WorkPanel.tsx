import { CloseButton, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useGraph } from '~/api/useGraph';
import { useTold } from '~/api/useTold';
import { readableName } from '~/domain/personName';
import { joined } from '~/domain/plainText';
import { Empty } from '~/ui/Empty';
import { Shown } from '~/ui/Shown';
import { DataSetDialog } from './DataSetDialog';
import { WORK_TOLD, WORKITEM, type WorkDetail } from './queries';
import { StateBadge } from './StateBadge';
import type { Claim } from './useClaim';
import { WorkActions } from './WorkActions';
import { WorkFacts } from './WorkFacts';
import { WorkHistory } from './WorkHistory';
import classes from './Worklist.module.css';
import { WorkStudies } from './WorkStudies';

interface Props {
  readonly uid: string;
  readonly partition: string;
  readonly claim: Claim;
  readonly onClose: () => void;
  /** Called when something was done, with the UID of the workitem that is there now. */
  readonly onChanged: (uid: string) => void;
}

/** A workitem beside the list, which keeps the keys: what it is, what can be done with it. */
export function WorkPanel({ uid, partition, claim, onClose, onChanged }: Props) {
  const variables = { uid, partition };
  const asked = useGraph(WORKITEM, { variables });
  const { reload } = asked;
  useTold(WORK_TOLD, { variables }, async () => reload());
  const changed = (now: string) => {
    reload();
    onChanged(now);
  };
  return (
    <Stack component="aside" className={classes.panel} gap="xs" aria-label="Workitem">
      <CloseButton className={classes.close} aria-label="Close the workitem" onClick={onClose} />
      <Shown asked={asked} label="Loading the workitem" rows={6}>
        {({ workitem }) =>
          workitem ? (
            <Detail work={workitem} partition={partition} claim={claim} onChanged={changed} />
          ) : (
            <Empty title="There is no such workitem that you may see" />
          )
        }
      </Shown>
    </Stack>
  );
}

interface DetailProps {
  readonly work: WorkDetail;
  readonly partition: string;
  readonly claim: Claim;
  readonly onChanged: (uid: string) => void;
}

function Detail({ work, partition, claim, onChanged }: DetailProps) {
  const [isOpen, setOpen] = useState(false);
  const patient = joined([readableName(work.patientName), work.patientId], ' · ');
  return (
    <>
      <div>
        <Text component="h2" fw={600} className={classes.title}>
          <bdi>{work.procedureStepLabel || 'Workitem'}</bdi>
        </Text>
        <Group justify="space-between" wrap="nowrap" align="start">
          <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
            <bdi>{patient}</bdi>
          </Text>
          <StateBadge state={work.state} progress={work.progress} />
        </Group>
      </div>
      <WorkActions
        work={work}
        partition={partition}
        claim={claim}
        onChanged={onChanged}
        onDataSet={() => setOpen(true)}
      />
      <WorkStudies work={work} partition={partition} />
      <WorkFacts work={work} />
      <WorkHistory work={work} />
      {isOpen && (
        <DataSetDialog
          uid={work.uid}
          // Asked for anew where it has changed meanwhile.
          key={work.modifiedAt}
          partition={partition}
          onClose={() => setOpen(false)}
        />
      )}
    </>
  );
}
