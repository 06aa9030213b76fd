import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { useDeed } from '~/api/useDeed';
import { DeedDialog } from './DeedDialog';
import { type DialogProps, LONGEST_REASON } from './dialogs';
import { HAND_OVER } from './mutations';
import { PerformerField } from './PerformerField';

/** Schedules a workitem for somebody else. */
export function HandOverDialog({ work, partition, onDone, onClose }: DialogProps) {
  const [to, setTo] = useState('');
  const [reason, setReason] = useState('');
  const deed = useDeed();
  // Nobody of this name, or nobody who may do it: which of these is not told.
  const isUnknown = deed.fault?.path === 'to';
  const handOver = async () => {
    const variables = { uid: work.uid, partition, to: to.trim(), reason: reason.trim() };
    const answer = await deed.run(HAND_OVER, variables);
    if (answer?.__typename === 'ChangedWorkitem') {
      onDone(answer.uid);
    }
  };
  return (
    <DeedDialog
      title="Hand it over?"
      words={
        work.state === 'SCHEDULED'
          ? 'It is scheduled for them, and stays on the list.'
          : 'Another one that is scheduled for them takes its place; this one is canceled.'
      }
      verb="Hand over"
      isRunning={deed.isRunning}
      isReady={to.trim() !== ''}
      fault={isUnknown ? undefined : deed.fault}
      onDo={() => void handOver()}
      onClose={onClose}
    >
      <PerformerField
        uid={work.uid}
        partition={partition}
        value={to}
        error={isUnknown ? deed.fault?.message : undefined}
        onChange={(text) => {
          setTo(text);
          deed.forget();
        }}
      />
      <TextInput
        label="Reason (may be empty)"
        maxLength={LONGEST_REASON}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
    </DeedDialog>
  );
}
