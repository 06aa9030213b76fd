import { NumberInput, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useDeed } from '~/api/useDeed';
import { DeedDialog } from './DeedDialog';
import { type DialogProps, LONGEST_REASON } from './dialogs';
import { UPDATE } from './mutations';

/** Tells how far a workitem is. */
export function ProgressDialog({ work, partition, onDone, onClose }: DialogProps) {
  const [percent, setPercent] = useState<number | string>(work.progress ?? '');
  const [words, setWords] = useState(work.progressDescription ?? '');
  const deed = useDeed();
  const isNumber = typeof percent === 'number';
  const tell = async () => {
    const said = words.trim();
    // Nothing is said by an empty text: what was said before stays.
    const changes = {
      ...(isNumber && { progress: percent }),
      ...(said && { progressDescription: said }),
    };
    const answer = await deed.run(UPDATE, { uid: work.uid, partition, changes });
    if (answer?.__typename === 'ChangedWorkitem') {
      onDone(answer.uid);
    }
  };
  return (
    <DeedDialog
      title="How far is it?"
      words="Whoever looks at the list sees it."
      verb="Tell"
      isRunning={deed.isRunning}
      isReady={isNumber || words.trim() !== ''}
      fault={deed.fault}
      onDo={() => void tell()}
      onClose={onClose}
    >
      <NumberInput
        label="Done, in percent"
        min={0}
        max={100}
        clampBehavior="strict"
        allowNegative={false}
        decimalScale={0}
        step={10}
        data-autofocus
        value={percent}
        onChange={setPercent}
      />
      <TextInput
        label="In words (may be empty)"
        maxLength={LONGEST_REASON}
        value={words}
        onChange={(event) => setWords(event.currentTarget.value)}
      />
    </DeedDialog>
  );
}
