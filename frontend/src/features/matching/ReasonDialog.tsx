import { Alert, Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { Deed } from '~/api/useDeed';

const LONGEST_REASON = 200;

interface Props {
  readonly title: string;
  readonly words: string;
  readonly verb: string;
  readonly deed: Deed;
  readonly onDo: (reason: string) => void;
  readonly onClose: () => void;
  readonly children?: ReactNode;
}

/** Asks why, before something of who is who is said. */
export function ReasonDialog({ title, words, verb, deed, onDo, onClose, children }: Props) {
  const [reason, setReason] = useState('');
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': 'Close' }}>
      <Stack gap="sm">
        <Text size="sm">{words}</Text>
        {children}
        <TextInput
          label="Reason (it stands in the audit log)"
          maxLength={LONGEST_REASON}
          data-autofocus
          required
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        {deed.fault && <Alert color="red">{deed.fault.message}</Alert>}
        <Group justify="end" gap="xs">
          <Button size="xs" variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button
            size="xs"
            loading={deed.isRunning}
            disabled={reason.trim() === ''}
            onClick={() => onDo(reason.trim())}
          >
            {verb}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
