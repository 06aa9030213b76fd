import { Button, Group, Text, TextInput } from '@mantine/core';
import { type SyntheticEvent, useState } from 'react';
import { unturned } from '~/domain/plainText';
import type { Saved } from './definitionQueries';
import type { Definitions } from './useDefinitions';

const LONGEST_NAME = 100;

interface RenameProps extends Pick<Definitions, 'rename'> {
  readonly saved: Saved;
  readonly onDone: () => void;
}

/** Gives something saved another name: what names it still does. */
export function RenameForm({ saved, rename, onDone }: RenameProps) {
  const [name, setName] = useState(saved.name);
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (await rename(saved.id, name.trim())) {
      onDone();
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Group gap="xs" mt="xs" align="end">
        <TextInput
          size="xs"
          label={`New name of ${unturned(saved.name)}`}
          maxLength={LONGEST_NAME}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button size="xs" type="submit" disabled={!name.trim() || name.trim() === saved.name}>
          Rename
        </Button>
      </Group>
    </form>
  );
}

interface RemoveProps extends Pick<Definitions, 'remove'> {
  readonly saved: Saved;
  readonly onDone: () => void;
}

/** Asks before something saved is gone. */
export function RemoveForm({ saved, remove, onDone }: RemoveProps) {
  const removeIt = async () => {
    if (await remove(saved.id)) {
      onDone();
    }
  };
  return (
    <Group gap="xs" mt="xs">
      <Text size="sm">
        With all of its versions; criteria that name it are refused from then on.
      </Text>
      <Button size="compact-xs" color="red" onClick={() => void removeIt()}>
        Remove for good
      </Button>
    </Group>
  );
}
