import { Button, Group, NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { Part } from '~/domain/ask/criteria';
import { ADDABLE } from '~/domain/ask/newCriterion';

const KINDS = ADDABLE.map(({ key, label }) => ({ value: key, label }));

interface Props {
  readonly label: string;
  readonly onAdd: (node: Part) => void;
}

/** Adds a criterion of some kind, once its value was typed. */
export function AddCriterion({ label, onAdd }: Props) {
  const [isOpen, setOpen] = useState(false);
  const [key, setKey] = useState(ADDABLE[0]?.key ?? '');
  const [text, setText] = useState('');
  const chosen = ADDABLE.find((each) => each.key === key);
  const node = text.trim() ? chosen?.make(text.trim()) : undefined;
  if (!isOpen) {
    return (
      <Button size="compact-xs" variant="subtle" mt={4} onClick={() => setOpen(true)}>
        {label}
      </Button>
    );
  }
  const close = () => {
    setText('');
    setOpen(false);
  };
  return (
    <form
      aria-label={label}
      onSubmit={(event) => {
        event.preventDefault();
        if (node !== undefined) {
          onAdd(node);
          close();
        }
      }}
    >
      <Group gap="xs" mt="xs" align="end">
        <NativeSelect
          size="xs"
          label="Kind"
          data={KINDS}
          value={key}
          onChange={(event) => setKey(event.currentTarget.value)}
        />
        <TextInput
          size="xs"
          label="Value"
          data-autofocus
          placeholder={chosen?.placeholder ?? ''}
          value={text}
          error={text.trim() !== '' && node === undefined}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Button size="xs" type="submit" disabled={node === undefined}>
          Add
        </Button>
        <Button size="xs" variant="default" onClick={close}>
          Cancel
        </Button>
      </Group>
    </form>
  );
}
