import { Alert, Button, Group, Text } from '@mantine/core';
import type { Fault, FaultCode } from '~/domain/fault';

interface Words {
  readonly title: string;
  readonly hint: string;
  readonly mayTryAgain: boolean;
}

const DENIED: Words = {
  title: 'You may not see this',
  hint: 'Your account has no right to it. Ask whoever manages access, and name this page.',
  mayTryAgain: false,
};
const BUSY: Words = {
  title: 'The portal is busy',
  hint: 'Nothing is lost. Try again in a moment.',
  mayTryAgain: true,
};
const REFUSED: Words = {
  title: 'The portal does not take this',
  hint: 'Change what is asked for.',
  mayTryAgain: false,
};
const FAILED: Words = {
  title: 'Something went wrong',
  hint: 'Try again. If it goes on, tell whoever runs the portal the reference below.',
  mayTryAgain: true,
};
const ABSENT: Words = {
  title: 'There is nothing here that you may see',
  hint: 'It may never have been here, have been deleted, or not be open to you.',
  mayTryAgain: false,
};

const CLAIMED: Words = {
  ...REFUSED,
  title: 'Somebody else has it',
  hint: 'Look who: they can release it, or hand it over to you.',
};

const BY_CODE: Readonly<Record<FaultCode, Words>> = {
  BUSY,
  CLAIMED_BY_ANOTHER: CLAIMED,
  CONFLICT: { ...REFUSED, title: 'Somebody else has changed this', mayTryAgain: true },
  FORBIDDEN: DENIED,
  GONE: ABSENT,
  INTERNAL: FAILED,
  INVALID: REFUSED,
  NOT_FOUND: ABSENT,
  NO_SUCH_WORKITEM: ABSENT,
  OFFLINE: {
    title: 'The portal cannot be reached',
    hint: 'Look at your connection, then try again.',
    mayTryAgain: true,
  },
  PRECONDITION_FAILED: { ...REFUSED, title: 'Somebody else has changed this' },
  STORAGE_UNAVAILABLE: { ...BUSY, title: 'The storage is full or away' },
  TOO_LARGE: { ...REFUSED, title: 'That is too much at once', hint: 'Narrow the search.' },
  TOO_MANY: BUSY,
  UNAUTHENTICATED: {
    title: 'You are not signed in any more',
    hint: 'Sign in again; you come back to this page.',
    mayTryAgain: false,
  },
  UNSUPPORTED: REFUSED,
  UPSTREAM: BUSY,
  WORKITEM_INVALID: REFUSED,
  WORKITEM_REFUSED: {
    ...REFUSED,
    title: 'The workitem does not allow this',
    hint: 'It has changed, or lacks something, which is named below.',
  },
  WRONG_TRANSACTION_UID: CLAIMED,
};

interface Props {
  readonly fault: Fault;
  readonly onTryAgain?: (() => void) | undefined;
}

/** Tells why something is not shown, by its code, and what can be done. */
export function FaultView({ fault, onTryAgain }: Props) {
  const words = BY_CODE[fault.code];
  return (
    <Alert color={words === DENIED || words === ABSENT ? 'gray' : 'red'} title={words.title}>
      <Text size="sm">{words.hint}</Text>
      <Text size="sm" c="dimmed" mt={4} style={{ overflowWrap: 'anywhere' }}>
        {fault.message}
        {fault.requestId !== undefined && ` Reference: ${fault.requestId}.`}
      </Text>
      {words.mayTryAgain && onTryAgain !== undefined && (
        <Group mt="sm">
          <Button size="xs" variant="default" onClick={onTryAgain}>
            Try again
          </Button>
        </Group>
      )}
    </Alert>
  );
}
