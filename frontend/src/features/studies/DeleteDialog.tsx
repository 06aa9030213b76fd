import { Alert, Button, Group, List, Modal, Progress, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { counted } from '~/domain/amount';
import { wordsOfStudy } from '~/domain/studyWords';
import type { StudyRow } from './queries';
import { useDeletion } from './useDeletion';

interface Props {
  readonly studies: readonly StudyRow[];
  readonly onClose: () => void;
  /** Called once it has ended, if some were deleted. */
  readonly onGone: () => void;
}

const MOST_SHOWN = 6;
const LONGEST_REASON = 200;

/** Deletes studies once somebody has said that they mean it. */
export function DeleteDialog({ studies: chosen, onClose, onGone }: Props) {
  // The list goes on without those that are deleted: the dialog keeps what it began with.
  const [studies] = useState(chosen);
  const [reason, setReason] = useState('');
  const { state, done, failures, start } = useDeletion(studies);
  const what = counted(studies.length, 'study', 'studies');
  const instances = studies.reduce(
    (sum, study) => sum + (study.numberOfStudyRelatedInstances ?? 0),
    0,
  );
  const close = () => {
    onClose();
    if (done > failures.length) {
      onGone();
    }
  };
  const confirm = async () => {
    const failed = await start(reason.trim());
    if (failed === 0) {
      onClose();
      onGone();
    }
  };
  return (
    <Modal
      opened
      onClose={state === 'running' ? () => undefined : close}
      title={`Delete ${what}?`}
      withCloseButton={state !== 'running'}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack gap="sm">
        {state === 'asking' && (
          <>
            <Text size="sm">
              {counted(instances, 'instance')} will be gone for everybody. This cannot be taken
              back.
            </Text>
            <Listed texts={studies.map(wordsOfStudy)} />
            <TextInput
              label="Reason (it stands in the audit log)"
              maxLength={LONGEST_REASON}
              data-autofocus
              value={reason}
              onChange={(event) => setReason(event.currentTarget.value)}
            />
          </>
        )}
        {state === 'running' && (
          <>
            <Progress value={(100 * done) / studies.length} aria-label="Progress of the deletion" />
            <Text size="sm" role="status">
              {done} of {what}
            </Text>
          </>
        )}
        {state === 'ended' && failures.length > 0 && (
          <Alert color="red" title={`${counted(failures.length, 'study', 'studies')} stayed`}>
            <Listed
              texts={failures.map(({ study, fault }) => `${wordsOfStudy(study)}: ${fault.message}`)}
            />
          </Alert>
        )}
        <Group justify="end" gap="xs">
          {state !== 'running' && (
            <Button size="xs" variant="default" onClick={close}>
              {state === 'asking' ? 'Keep them' : 'Close'}
            </Button>
          )}
          {state === 'asking' && (
            <Button size="xs" color="red" onClick={() => void confirm()}>
              Delete {what}
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}

function Listed({ texts }: { readonly texts: readonly string[] }) {
  const more = texts.length - MOST_SHOWN;
  return (
    <List size="sm" style={{ overflowWrap: 'anywhere' }}>
      {texts.slice(0, MOST_SHOWN).map((text, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: texts may be the same, and stay
        <List.Item key={at}>
          <Text size="sm" component="bdi" lineClamp={3}>
            {text}
          </Text>
        </List.Item>
      ))}
      {more > 0 && <List.Item>and {more} more</List.Item>}
    </List>
  );
}
