import { Progress as Bar, Button, Group, Text } from '@mantine/core';
import type { UploadQueue } from '~/api/uploadQueue';
import { counted, readableBytes, readableNumber } from '~/domain/amount';
import { type QueueState, STATE_WORDS, type Upload } from '~/domain/upload';
import { Card } from '~/ui/Card';
import { FaultView } from '~/ui/FaultView';

const WORDS: Readonly<Record<QueueState, string>> = {
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
    <Card
      title={WORDS[state]}
      aside={
        state === 'running' || state === 'waiting' ? (
          <Button size="xs" variant="default" onClick={() => queue.pause()}>
            Pause
          </Button>
        ) : (
          state !== 'idle' && (
            <Button size="xs" onClick={() => queue.resume()}>
              Go on
            </Button>
          )
        )
      }
    >
      <Bar value={percent} size="lg" aria-label="Progress of the upload" />
      <Group justify="space-between" mt="xs">
        <Text size="sm" role="status">
          {COUNTED.filter((one) => counts[one] > 0)
            .map((one) => `${STATE_WORDS[one]}: ${readableNumber(counts[one])}`)
            .join(' · ') || 'Nothing has arrived yet'}
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
