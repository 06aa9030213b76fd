import { Alert, Button, Group } from '@mantine/core';
import { useState } from 'react';
import { useMe } from '~/app/me';
import { joined } from '~/domain/plainText';
import { CancelDialog } from './CancelDialog';
import { CompleteDialog } from './CompleteDialog';
import { HandOverDialog } from './HandOverDialog';
import { ProgressDialog } from './ProgressDialog';
import type { WorkDetail } from './queries';
import { ReleaseDialog } from './ReleaseDialog';
import type { Claim } from './useClaim';

interface Props {
  readonly work: WorkDetail;
  readonly partition: string;
  readonly claim: Claim;
  readonly onChanged: (uid: string) => void;
  readonly onDataSet: () => void;
}

const DIALOGS = {
  cancel: CancelDialog,
  complete: CompleteDialog,
  handOver: HandOverDialog,
  progress: ProgressDialog,
  release: ReleaseDialog,
} as const;

/** What you may do with a workitem as it is now: the server says what. */
export function WorkActions({ work, partition, claim, onChanged, onDataSet }: Props) {
  const [open, setOpen] = useState<keyof typeof DIALOGS>();
  const { isKnown } = useMe();
  const { actions, state, cancelRequest, isMine } = work;
  const close = () => setOpen(undefined);
  const Dialog = open && DIALOGS[open];
  const can = (action: (typeof actions)[number]) => isKnown && actions.includes(action);
  const isOpenOne = state === 'SCHEDULED' || state === 'IN_PROGRESS';
  return (
    <>
      {cancelRequest && (
        <Alert
          color="yellow"
          title="It is asked to be canceled"
          p="xs"
          // The library's yellow is too pale for text.
          styles={{ title: { color: 'var(--mantine-color-text)' } }}
        >
          {joined([cancelRequest.reason, cancelRequest.contact || cancelRequest.by], ' — ')}
        </Alert>
      )}
      <Group role="toolbar" aria-label="With the workitem" gap="xs">
        {can('CLAIM') && (
          <Button size="xs" loading={claim.isRunning} onClick={() => void claim.claim(work.uid)}>
            Claim
          </Button>
        )}
        {can('COMPLETE') && (
          <Button size="xs" onClick={() => setOpen('complete')}>
            Complete …
          </Button>
        )}
        {isMine && can('UPDATE') && (
          <Button size="xs" variant="default" onClick={() => setOpen('progress')}>
            Progress …
          </Button>
        )}
        {can('RELEASE') && (
          <Button size="xs" variant="default" onClick={() => setOpen('release')}>
            Release …
          </Button>
        )}
        {can('HAND_OVER') && (
          <Button size="xs" variant="default" onClick={() => setOpen('handOver')}>
            Hand over …
          </Button>
        )}
        {(can('CANCEL') || can('REQUEST_CANCEL')) && isOpenOne && (
          <Button size="xs" variant="default" onClick={() => setOpen('cancel')}>
            {can('CANCEL') || state === 'SCHEDULED' ? 'Cancel …' : 'Ask to cancel …'}
          </Button>
        )}
        <Button size="xs" variant="subtle" onClick={onDataSet}>
          All it says
        </Button>
      </Group>
      {Dialog && (
        <Dialog
          work={work}
          partition={partition}
          onClose={close}
          onDone={(uid) => {
            close();
            onChanged(uid);
          }}
        />
      )}
    </>
  );
}
