import { Anchor, Button, Group, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useDeed } from '~/api/useDeed';
import { searchOfPlace } from '~/domain/placeSearch';
import { wordsOfStudy } from '~/domain/studyWords';
import { Card } from '~/ui/Card';
import { DecideDialog } from './DecideDialog';
import { type ConflictRow, RESOLVE } from './queries';
import { ReasonDialog } from './ReasonDialog';

interface Props {
  readonly conflict: ConflictRow;
  readonly partition: string;
  readonly onChanged: () => void;
}

interface Detail {
  readonly patient?: string;
  readonly candidates?: readonly string[];
  readonly members?: readonly string[];
  readonly images?: Readonly<Record<string, unknown>>;
  readonly record?: Readonly<Record<string, unknown>>;
}

/** A study of which somebody should say whose it is. */
export function ConflictCard({ conflict, partition, onChanged }: Props) {
  const { study, meaning, studyInstanceUid, conflictId } = conflict;
  const detail = (conflict.detail ?? {}) as Detail;
  const patients = [...(detail.patient ? [detail.patient] : []), ...(detail.candidates ?? [])];
  const [open, setOpen] = useState<'resolve' | 'merge' | 'split'>();
  const close = () => setOpen(undefined);
  const done = () => {
    close();
    onChanged();
  };
  const deed = useDeed(done);
  const search = searchOfPlace(partition);
  return (
    <Card title={sentence(meaning)}>
      <Text size="sm">
        <Anchor
          renderRoot={(props) => (
            <Link
              to="/studies/$studyUid"
              params={{ studyUid: studyInstanceUid }}
              search={search}
              {...props}
            />
          )}
        >
          <bdi>{study ? wordsOfStudy(study) : studyInstanceUid}</bdi>
        </Anchor>
      </Text>
      {detail.members?.map((member) => (
        <Text key={member} size="sm" c="dimmed">
          {member}: images say <bdi>{shown(detail.images?.[member])}</bdi>, the record{' '}
          <bdi>{shown(detail.record?.[member])}</bdi>
        </Text>
      ))}
      {patients.length > 0 && (
        <Group gap="xs" mt={4}>
          <Text size="sm" c="dimmed">
            Patients:
          </Text>
          {patients.map((patientId) => (
            <Anchor
              key={patientId}
              size="sm"
              renderRoot={(props) => (
                <Link to="/patients/$patientId" params={{ patientId }} search={search} {...props} />
              )}
            >
              <bdi>{patientId}</bdi>
            </Anchor>
          ))}
        </Group>
      )}
      <Group gap="xs" mt="sm">
        <Button size="xs" variant="default" onClick={() => setOpen('resolve')}>
          Resolve
        </Button>
        <Button size="xs" variant="default" onClick={() => setOpen('merge')}>
          Merge
        </Button>
        <Button size="xs" variant="default" onClick={() => setOpen('split')}>
          Split
        </Button>
      </Group>
      {open === 'resolve' && (
        <ReasonDialog
          title="Resolve the conflict?"
          words="It is no conflict, as far as you know. It comes back when its cause is another one."
          verb="Resolve"
          deed={deed}
          onClose={close}
          onDo={(reason) => void deed.run(RESOLVE, { partition, id: conflictId, reason })}
        />
      )}
      {(open === 'merge' || open === 'split') && (
        <DecideDialog
          action={open}
          partition={partition}
          system={study?.issuerOfPatientId ?? ''}
          value={study?.patientId ?? ''}
          onDone={done}
          onClose={close}
        />
      )}
    </Card>
  );
}

function sentence(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? 'nothing');
}
