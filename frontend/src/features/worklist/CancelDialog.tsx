import { Textarea } from '@mantine/core';
import { useState } from 'react';
import { useDeed } from '~/api/useDeed';
import { useMe } from '~/app/me';
import { DeedDialog } from './DeedDialog';
import { type DialogProps, LONGEST_REASON } from './dialogs';
import { CANCEL, REQUEST_CANCEL } from './mutations';

/** Cancels a workitem, or asks whoever has claimed it to. */
export function CancelDialog({ work, partition, onDone, onClose }: DialogProps) {
  const { name } = useMe();
  const [reason, setReason] = useState('');
  const deed = useDeed();
  const isOwn = work.actions.includes('CANCEL');
  const isAsked = !isOwn && work.state === 'IN_PROGRESS';
  const cancel = async () => {
    const why = { reason: reason.trim(), ...(isAsked && { contact: name }) };
    const variables = { uid: work.uid, partition, why };
    const answer = isOwn
      ? await deed.run(CANCEL, variables)
      : await deed.run(REQUEST_CANCEL, variables);
    if (answer?.__typename === 'ChangedWorkitem') {
      onDone(answer.uid);
    }
  };
  return (
    <DeedDialog
      title={isAsked ? 'Ask for it to be canceled?' : 'Cancel it?'}
      words={
        isAsked
          ? `${work.claimedBy || 'Whoever has claimed it'} is told, and decides.`
          : 'It will not be done, and goes from the list of what is open. This cannot be taken back.'
      }
      verb={isAsked ? 'Ask' : 'Cancel it'}
      isRunning={deed.isRunning}
      isReady={reason.trim() !== ''}
      fault={deed.fault}
      onDo={() => void cancel()}
      onClose={onClose}
    >
      <Textarea
        label="Reason"
        required
        rows={2}
        maxLength={LONGEST_REASON}
        data-autofocus
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
    </DeedDialog>
  );
}
