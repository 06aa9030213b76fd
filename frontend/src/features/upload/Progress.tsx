import { Progress as Bar, Button, Group, Text } from '@mantine/core';
import type { UploadQueue } from '~/api/uploadQueue';
import { counted, readableBytes, readableNumber } from '~/domain/amount';
import { type QueueState, STATE_WORDS, type Upload } from '~/domain/upload';
import { Card } from '~/ui/Card';
import { FaultView } from '~/ui/FaultView';

const WORDS: Readonly<Record<QueueState, string>> = {
  chosen: 'Ready to be sent',
  idle: 'All files have been dealt with',
  paused: 'Paused',
  running: 'Under way',
  stopped: 'Stopped',
  waiting: 'The portal is not reached; it is tried again by itself',
};
const COUNTED = ['stored', 'held', 'skipped', 'refused'] as const;

interface Props {
  readonly upload: Upload;
  readonly queue: UploadQueue;
}

/** How far an upload is, and the ways to hold it and to go on. */
export function Progress({ upload, queue }: Props) {
  const { state, files, counts, bytes, doneBytes, fault } = upload;
  const percent = bytes === 0 ? 0 : (100 * doneBytes) / bytes;
  return (
    <Card title={WORDS[state]} aside={<Deeds state={state} queue={queue} />}>
      {state === 'chosen' && (
        <Text size="sm" mb="xs">
          {counted(counts.waiting, 'file')} of {readableBytes(bytes - doneBytes)} altogether. What
          is held already, and what is no DICOM, is found on the way and not sent.
        </Text>
      )}
      <Bar value={percent} size="lg" aria-label="Progress of the upload" />
      <Group justify="space-between" mt="xs">
        <Text size="sm" role="status">
          {COUNTED.filter((one) => counts[one] > 0)
            .map((one) => `${STATE_WORDS[one]}: ${readableNumber(counts[one])}`)
            .join(' · ') || 'Nothing has been sent yet'}
        </Text>
        <Text size="sm" c="dimmed">
          {counted(files.length, 'file')}, {readableBytes(doneBytes)} of {readableBytes(bytes)}
        </Text>
      </Group>
      {state === 'stopped' && fault !== undefined && (
        <>
          <FaultView fault={fault} />
          <Text size="sm" mt="xs">
            What you have chosen is kept: sign in or get the right in another tab, then go on.
          </Text>
        </>
      )}
    </Card>
  );
}

interface DeedsProps {
  readonly state: QueueState;
  readonly queue: UploadQueue;
}

function Deeds({ state, queue }: DeedsProps) {
  switch (state) {
    case 'idle':
      return null;
    case 'chosen':
      return (
        <Group gap="xs">
          <Button size="xs" onClick={() => queue.resume()}>
            Start
          </Button>
          <Button size="xs" variant="default" onClick={() => queue.dismiss()}>
            Send nothing
          </Button>
        </Group>
      );
    case 'running':
    case 'waiting':
      return (
        <Button size="xs" variant="default" onClick={() => queue.pause()}>
          Pause
        </Button>
      );
    default:
      return (
        <Button size="xs" onClick={() => queue.resume()}>
          Go on
        </Button>
      );
  }
}
