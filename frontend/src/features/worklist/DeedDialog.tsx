import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import type { ReactNode, SyntheticEvent } from 'react';
import type { Fault } from '~/domain/fault';
import { FaultView } from '~/ui/FaultView';

interface Props {
  readonly title: string;
  /** What will happen. */
  readonly words: string;
  readonly verb: string;
  readonly isRunning: boolean;
  readonly isReady?: boolean;
  readonly fault: Fault | undefined;
  readonly onDo: () => void;
  readonly onClose: () => void;
  readonly children?: ReactNode;
}

/** Asks what is needed to do something with a workitem; what was refused is told in it. */
export function DeedDialog(props: Props) {
  const { title, words, verb, isRunning, isReady = true, fault, onDo, onClose, children } = props;
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (isReady && !isRunning) {
      onDo();
    }
  };
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': 'Close' }}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          <Text size="sm">{words}</Text>
          {children}
          {fault !== undefined && <FaultView fault={fault} />}
          <Group justify="end" gap="xs">
            <Button size="xs" variant="default" onClick={onClose}>
              Back
            </Button>
            <Button size="xs" type="submit" loading={isRunning} disabled={!isReady}>
              {verb}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
