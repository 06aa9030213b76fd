import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { useDeed } from '~/api/useDeed';
import { DeedDialog } from './DeedDialog';
import { type DialogProps, LONGEST_REASON } from './dialogs';
import { RELEASE } from './mutations';

const WORDS =
  'It goes back to the list for others. DICOM has no way back: this one is canceled, and' +
  ' another one takes its place.';

/** Gives up a claim. */
export function ReleaseDialog({ work, partition, onDone, onClose }: DialogProps) {
  const [reason, setReason] = useState('');
  const deed = useDeed();
  const release = async () => {
    const answer = await deed.run(RELEASE, { uid: work.uid, partition, reason: reason.trim() });
    if (answer?.__typename === 'ChangedWorkitem') {
      onDone(answer.uid);
    }
  };
  return (
    <DeedDialog
      title="Release it?"
      words={WORDS}
      verb="Release"
      isRunning={deed.isRunning}
      fault={deed.fault}
      onDo={() => void release()}
      onClose={onClose}
    >
      <TextInput
        label="Reason (may be empty)"
        maxLength={LONGEST_REASON}
        data-autofocus
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
    </DeedDialog>
  );
}
