import { Badge, Button, Group, Text } from '@mantine/core';
import { useState } from 'react';
import { useMe } from '~/app/me';
import { unturned } from '~/domain/plainText';
import classes from './Ask.module.css';
import type { Saved } from './definitionQueries';
import { RemoveForm, RenameForm } from './SavedForms';
import { SavedShares } from './SavedShares';
import { SavedVersions } from './SavedVersions';
import type { Definitions } from './useDefinitions';

type Part = 'versions' | 'rename' | 'share' | 'remove';

interface Props {
  readonly saved: Saved;
  readonly definitions: Definitions;
  readonly partition: string;
  readonly onOpen?: (content: unknown) => void;
  readonly onAdd?: (saved: Saved) => void;
}

/** Something that is saved: whose it is, who else sees it, and what can be done with it. */
export function SavedRow({ saved, definitions, partition, onOpen, onAdd }: Props) {
  const { may } = useMe();
  const [part, setPart] = useState<Part>();
  const { name, description, owner, isOwn, version, sharedWith } = saved;
  const called = unturned(name);
  const toggle = (does: string, which: Part) => (
    <Act
      does={does}
      of={called}
      isExpanded={part === which}
      onClick={() => setPart(part === which ? undefined : which)}
    />
  );
  const close = () => setPart(undefined);
  return (
    <>
      <Group justify="space-between" align="start" gap="xs">
        <div className={classes.saved}>
          <Text size="sm" fw={600}>
            <bdi>{name}</bdi>
          </Text>
          <Text size="xs" c="dimmed">
            Version {version}, {isOwn ? 'yours' : <bdi>of {owner || 'a removed account'}</bdi>}
            {description && (
              <>
                : <bdi>{description}</bdi>
              </>
            )}
          </Text>
          {sharedWith.map((project) => (
            <Badge key={project} size="sm" variant="light" tt="none" mr={4}>
              shared with <bdi>{project || 'the partition'}</bdi>
            </Badge>
          ))}
        </div>
        <Group gap={4}>
          {onOpen && <Act does="Open" of={called} onClick={() => onOpen(saved.content)} />}
          {onAdd && <Act does="Add as a criterion" of={called} onClick={() => onAdd(saved)} />}
          {toggle('Versions', 'versions')}
          {isOwn && toggle('Rename', 'rename')}
          {isOwn && may('share_data') && toggle('Share', 'share')}
          {isOwn && toggle('Remove', 'remove')}
        </Group>
      </Group>
      {part === 'versions' && (
        <SavedVersions id={saved.id} of={called} {...(onOpen && { onOpen })} />
      )}
      {part === 'rename' && <RenameForm saved={saved} rename={definitions.rename} onDone={close} />}
      {part === 'share' && (
        <SavedShares saved={saved} share={definitions.share} partition={partition} />
      )}
      {part === 'remove' && <RemoveForm saved={saved} remove={definitions.remove} onDone={close} />}
    </>
  );
}

interface ActProps {
  readonly does: string;
  readonly of: string;
  /** Of what opens something below. */
  readonly isExpanded?: boolean;
  readonly onClick: () => void;
}

function Act({ does, of, isExpanded, onClick }: ActProps) {
  return (
    <Button
      size="compact-xs"
      variant="default"
      aria-label={`${does}: ${of}`}
      aria-expanded={isExpanded}
      onClick={onClick}
    >
      {does}
    </Button>
  );
}
