import { Group, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useDeed } from '~/api/useDeed';
import { MERGE, SPLIT } from './queries';
import { ReasonDialog } from './ReasonDialog';

interface Props {
  readonly action: 'merge' | 'split';
  readonly partition: string;
  /** The identifier that is known already. */
  readonly value: string;
  readonly system: string;
  readonly onDone: () => void;
  readonly onClose: () => void;
}

/** Says that an identifier is another patient's as well, or nobody's of those it is joined with. */
export function DecideDialog({ action, partition, value, system, onDone, onClose }: Props) {
  const [one, setOne] = useState({ system, value });
  const [patient, setPatient] = useState('');
  const deed = useDeed(onDone);
  const isMerge = action === 'merge';
  return (
    <ReasonDialog
      title={isMerge ? 'One patient' : 'Another patient'}
      words={
        isMerge
          ? 'The studies with this identifier are of the patient of the record named below.'
          : 'The studies with this identifier are of none of the patients it is joined with.'
      }
      verb={isMerge ? 'Merge' : 'Split'}
      deed={deed}
      onClose={onClose}
      onDo={(reason) =>
        isMerge
          ? void deed.run(MERGE, { partition, one, other: { patient: patient.trim() }, reason })
          : void deed.run(SPLIT, { partition, one, reason })
      }
    >
      <Group grow gap="xs" align="start">
        <TextInput
          label="Identifier system"
          value={one.system}
          onChange={(event) => setOne({ ...one, system: event.currentTarget.value })}
        />
        <TextInput
          label="Identifier"
          value={one.value}
          onChange={(event) => setOne({ ...one, value: event.currentTarget.value })}
        />
      </Group>
      {isMerge && (
        <TextInput
          label="Patient of the record (its id)"
          value={patient}
          onChange={(event) => setPatient(event.currentTarget.value)}
        />
      )}
    </ReasonDialog>
  );
}
