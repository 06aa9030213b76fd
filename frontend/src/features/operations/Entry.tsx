import { Anchor, Badge, Button, Group, List, Paper, Progress, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { OperationNowFragment, OperationsPageQuery } from '~/api/generated/graphql';
import { useMe } from '~/app/me';
import { counted, readableBytes } from '~/domain/amount';
import { isOpen, STATE_WORDS } from '~/domain/operation';
import { FaultView } from '~/ui/FaultView';
import { Moment } from '~/ui/Moment';
import { ItemErrors } from './ItemErrors';
import { useChange } from './useChange';
import { useFollowed } from './useFollowed';

interface Props {
  readonly operation: OperationsPageQuery['operations']['edges'][number]['node'];
}

/** A piece of long work: how far it is, what it has made, what it could not do. */
export function Entry({ operation: listed }: Props) {
  const [operation, know] = useFollowed(listed);
  const { id, kind, state, percent, error, numberOfErrors } = operation;
  return (
    <Paper component="li" withBorder p="sm">
      <Group justify="space-between" wrap="nowrap">
        <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
          <bdi>{kind}</bdi>
        </Text>
        <Badge variant="default" color="gray" style={{ flexShrink: 0 }}>
          {STATE_WORDS[state]}
        </Badge>
      </Group>
      <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
        <bdi>{listed.startedBy}</bdi>, <Moment at={listed.createdAt} />
        {numberOfErrors > 0 && `, ${counted(numberOfErrors, 'item')} could not be done`}
      </Text>
      {isOpen(state) && (
        <Group gap="xs" wrap="nowrap" mt={4}>
          <Progress value={percent} flex={1} aria-label={`Progress of ${kind}`} />
          <Text size="xs">{percent} %</Text>
        </Group>
      )}
      {error && (
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          <bdi>{error}</bdi>
        </Text>
      )}
      <Files files={operation.files} />
      <Deeds operation={operation} onChanged={know} />
      {numberOfErrors > 0 && <WhatFailed id={id} number={numberOfErrors} />}
    </Paper>
  );
}

/** The files that it has made: names are the portal's own, what is in them is not shown. */
function Files({ files }: Pick<OperationNowFragment, 'files'>) {
  const { may, isKnown } = useMe();
  if (files.length === 0 || !isKnown || !may('export_data')) {
    return null;
  }
  return (
    <List listStyleType="none" size="sm" mt={4} aria-label="Files">
      {files.map(({ name, href, sizeBytes, expiresAt }) => (
        <List.Item key={name}>
          <Anchor href={href} download={name} size="sm" style={{ overflowWrap: 'anywhere' }}>
            <bdi>{name}</bdi>
          </Anchor>{' '}
          <Text span size="sm" c="dimmed">
            {readableBytes(sizeBytes)}, until <Moment at={expiresAt} />
          </Text>
        </List.Item>
      ))}
    </List>
  );
}

interface DeedsProps {
  readonly operation: OperationNowFragment;
  readonly onChanged: (operation: OperationNowFragment) => void;
}

/** What can be done with it now. */
function Deeds({ operation, onChanged }: DeedsProps) {
  const { may, isKnown } = useMe();
  const { change, isChanging, isEnding, fault } = useChange(operation, onChanged);
  const { kind, state } = operation;
  if (!isKnown || !may('manage_data') || state === 'SUCCEEDED') {
    return null;
  }
  const isCancel = isOpen(state);
  return (
    <>
      <Group gap="xs" mt="xs">
        <Button
          size="compact-xs"
          variant="default"
          loading={isChanging}
          disabled={isCancel && isEnding}
          aria-label={`${isCancel ? 'Cancel' : 'Try again'}: ${kind}`}
          onClick={() => void change(isCancel ? 'cancel' : 'retry')}
        >
          {isCancel ? 'Cancel' : 'Try again'}
        </Button>
        {isCancel && isEnding && (
          <Text size="xs" c="dimmed" role="status">
            It ends after the step that it is at.
          </Text>
        )}
      </Group>
      {fault !== undefined && <FaultView fault={fault} />}
    </>
  );
}

function WhatFailed({ id, number }: { readonly id: string; readonly number: number }) {
  const [isShown, { toggle }] = useDisclosure(false);
  return (
    <>
      <Button size="compact-xs" variant="subtle" mt="xs" aria-expanded={isShown} onClick={toggle}>
        {isShown ? 'Hide what could not be done' : 'Show what could not be done'}
      </Button>
      {isShown && <ItemErrors key={number} id={id} />}
    </>
  );
}
