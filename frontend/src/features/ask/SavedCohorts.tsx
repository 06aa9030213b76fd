import { Badge, Button, Group, List, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { type SyntheticEvent, useState } from 'react';
import { asCriteria, type Criteria, withNode } from '~/domain/ask/criteria';
import { unturned } from '~/domain/plainText';
import { FaultView } from '~/ui/FaultView';
import { Loading } from '~/ui/Loading';
import type { Saved } from './definitionQueries';
import { type Definitions, useDefinitions } from './useDefinitions';

const LONGEST_NAME = 100;

interface Props {
  /** What is asked now; undefined: nothing yet. */
  readonly criteria: Criteria | undefined;
  readonly partition: string;
  readonly onChange: (criteria: Criteria) => void;
}

/** Questions under names: the present one is saved, others are opened or made a criterion. */
export function SavedCohorts({ criteria, partition, onChange }: Props) {
  const [isOpen, { open, close }] = useDisclosure(false);
  const saved = useDefinitions('COHORT', partition, isOpen);
  const take = (taken: Criteria | undefined) => {
    if (taken !== undefined) {
      onChange(taken);
      close();
    }
  };
  return (
    <div>
      <Button size="xs" variant="default" onClick={open}>
        Saved cohorts
      </Button>
      <Modal
        opened={isOpen}
        onClose={close}
        title="Saved cohorts"
        size="lg"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <Stack>
          {criteria !== undefined && <SaveForm criteria={criteria} save={saved.save} />}
          {saved.fault !== undefined && <FaultView fault={saved.fault} />}
          {saved.isLoading && <Loading label="Loading saved cohorts" rows={3} />}
          {!saved.isLoading && saved.all.length === 0 && (
            <Text size="sm" c="dimmed">
              Nobody has saved one that you see.
            </Text>
          )}
          {saved.all.length > 0 && (
            <List listStyleType="none" aria-label="Cohorts that are saved" spacing="sm">
              {saved.all.map((each) => (
                <List.Item key={each.id} styles={{ itemWrapper: { width: '100%' } }}>
                  <SavedRow
                    saved={each}
                    {...saved}
                    onOpen={() => take(asCriteria(each.content))}
                    onAdd={
                      criteria &&
                      (() => take({ ...criteria, where: withCohort(criteria.where, each) }))
                    }
                  />
                </List.Item>
              ))}
            </List>
          )}
        </Stack>
      </Modal>
    </div>
  );
}

/** Returns a question within a saved cohort: by its name if it is one's own, else by its key. */
function withCohort(where: Criteria['where'], { id, name, isOwn }: Saved): Criteria['where'] {
  const node = { cohort: isOwn ? name : id };
  return 'any' in where ? { all: [where, node] } : withNode(where, node);
}

function SaveForm({ criteria, save }: Pick<Definitions, 'save'> & { readonly criteria: Criteria }) {
  const [name, setName] = useState('');
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (await save(name.trim(), criteria)) {
      setName('');
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Group align="end" gap="xs" wrap="nowrap">
        <TextInput
          label="Name of the question that is asked now"
          description="Of a name that you have it becomes a new version."
          flex={1}
          maxLength={LONGEST_NAME}
          data-autofocus
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button type="submit" disabled={!name.trim()}>
          Save
        </Button>
      </Group>
    </form>
  );
}

interface RowProps extends Pick<Definitions, 'remove' | 'share'> {
  readonly saved: Saved;
  readonly onOpen: () => void;
  readonly onAdd: (() => void) | undefined;
}

function SavedRow({ saved, remove, share, onOpen, onAdd }: RowProps) {
  const { id, name, description, owner, isOwn, version, sharedWith } = saved;
  const called = unturned(name);
  const isShared = sharedWith.includes('');
  return (
    <Group justify="space-between" wrap="nowrap" align="start">
      <div style={{ overflowWrap: 'anywhere', minWidth: 0 }}>
        <Text size="sm" fw={600}>
          <bdi>{name}</bdi>
        </Text>
        <Text size="xs" c="dimmed">
          Version {version}, {isOwn ? 'yours' : <bdi>of {owner}</bdi>}
          {description && (
            <>
              : <bdi>{description}</bdi>
            </>
          )}
        </Text>
        {sharedWith.length > 0 && (
          <Badge size="xs" variant="light">
            shared
          </Badge>
        )}
      </div>
      <Group gap={4} justify="end">
        <Act does="Open" of={called} onClick={onOpen} />
        {onAdd && <Act does="Add as a criterion" of={called} onClick={onAdd} />}
        {isOwn && (
          <>
            <Act
              does={isShared ? 'Share no more' : 'Share'}
              of={called}
              onClick={() => void share(id, !isShared)}
            />
            <Act does="Remove" of={called} onClick={() => void remove(id)} />
          </>
        )}
      </Group>
    </Group>
  );
}

interface ActProps {
  readonly does: string;
  readonly of: string;
  readonly onClick: () => void;
}

function Act({ does, of, onClick }: ActProps) {
  return (
    <Button size="compact-xs" variant="default" aria-label={`${does}: ${of}`} onClick={onClick}>
      {does}
    </Button>
  );
}
