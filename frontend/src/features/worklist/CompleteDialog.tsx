import { Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useDeed } from '~/api/useDeed';
import { useKept } from '~/app/useKept';
import { type Code, codeOfText, isWhole, NO_CODE, textOfCode } from '~/domain/codedValue';
import { missingIn } from '~/domain/performed';
import { CodeFields } from './CodeFields';
import { DeedDialog } from './DeedDialog';
import { type DialogProps, LONGEST_REASON } from './dialogs';
import { COMPLETE } from './mutations';

const WORDS =
  'Who did it, from when until when, where and what is filled in from what was scheduled.';

/**
 * Completes a workitem.
 *
 * What is known to be missing is asked for at once, and what the server misses besides as
 * soon as it says so: where it was done, what was done as a code. Of what a rule made the
 * server knows both.
 */
export function CompleteDialog({ work, partition, onDone, onClose }: DialogProps) {
  const [kept, keep] = useKept('station');
  const [description, setDescription] = useState('');
  const [comments, setComments] = useState('');
  const [station, setStation] = useState(() => codeOfText(kept));
  const [code, setCode] = useState<Code>(NO_CODE);
  const deed = useDeed();
  const refused = missingIn(deed.fault?.path);
  const isRuled = work.madeByRule != null;
  const asksStation = refused === 'station' || (!isRuled && work.scheduledStations.length === 0);
  const asksCode = refused === 'code' || (!isRuled && work.scheduledWorkitemCodes.length === 0);
  const isReady = (!asksStation || isWhole(station)) && (!asksCode || isWhole(code));
  const complete = async () => {
    const performed = {
      description: description.trim(),
      comments: comments.trim(),
      ...(asksStation && { station }),
      ...(asksCode && { workitemCode: code }),
    };
    const answer = await deed.run(COMPLETE, { uid: work.uid, partition, performed });
    if (answer?.__typename === 'ChangedWorkitem') {
      if (asksStation) {
        keep(textOfCode(station));
      }
      onDone(answer.uid);
    }
  };
  return (
    <DeedDialog
      title="Complete it?"
      words={WORDS}
      verb="Complete"
      isRunning={deed.isRunning}
      isReady={isReady}
      fault={deed.fault}
      onDo={() => void complete()}
      onClose={onClose}
    >
      {asksStation && (
        <CodeFields
          title="Where it was done: no station was scheduled"
          code={station}
          onChange={setStation}
        />
      )}
      {asksCode && (
        <CodeFields
          title="What was done, as a code: none was scheduled"
          code={code}
          onChange={setCode}
        />
      )}
      <TextInput
        label="What was done, in words (may be empty)"
        maxLength={64}
        data-autofocus
        value={description}
        onChange={(event) => setDescription(event.currentTarget.value)}
      />
      <Textarea
        label="Comments (may be empty)"
        rows={2}
        maxLength={LONGEST_REASON}
        value={comments}
        onChange={(event) => setComments(event.currentTarget.value)}
      />
    </DeedDialog>
  );
}
