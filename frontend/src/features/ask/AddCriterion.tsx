import { Button, Group, NativeSelect, TextInput } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import type { Part } from '~/domain/ask/criteria';
import { ADDABLE } from '~/domain/ask/newCriterion';
import { DEFAULT_PARTITION } from '~/domain/placeSearch';
import { optionOf } from './SetPicker';
import { useAskSearch } from './useAskSearch';
import { useDefinitions } from './useDefinitions';

const KINDS = ADDABLE.map(({ key, label }) => ({ value: key, label }));
const NONE = { value: '', label: 'Choose one' };

interface Props {
  readonly label: string;
  readonly onAdd: (node: Part) => void;
}

/** Adds a criterion of some kind, once its value was typed or chosen. */
export function AddCriterion({ label, onAdd }: Props) {
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const close = () => {
    setOpen(false);
    // The button is there again once the form is gone.
    setTimeout(() => button.current?.focus());
  };
  if (!isOpen) {
    return (
      <Button ref={button} size="compact-xs" variant="subtle" mt={4} onClick={() => setOpen(true)}>
        {label}
      </Button>
    );
  }
  return <AddForm label={label} onAdd={onAdd} onClose={close} />;
}

function AddForm({ label, onAdd, onClose }: Props & { readonly onClose: () => void }) {
  const { search } = useAskSearch();
  const partition = search.partition ?? DEFAULT_PARTITION;
  const [key, setKey] = useState(ADDABLE[0]?.key ?? '');
  const [text, setText] = useState('');
  const [saved, setSaved] = useState('');
  const first = useRef<HTMLSelectElement>(null);
  useEffect(() => first.current?.focus(), []);
  const chosen = ADDABLE.find((each) => each.key === key);
  const kind = chosen?.saved;
  const { all } = useDefinitions(kind ?? 'SET', partition, kind !== undefined);
  const typed = chosen?.make?.(text.trim());
  const node = saved ? chosen?.named?.(saved) : text.trim() ? typed : undefined;
  return (
    <form
      aria-label={label}
      onSubmit={(event) => {
        event.preventDefault();
        if (node !== undefined) {
          onAdd(node);
          onClose();
        }
      }}
    >
      <Group gap="xs" mt="xs" align="end">
        <NativeSelect
          size="xs"
          label="Kind"
          ref={first}
          data={KINDS}
          value={key}
          onChange={(event) => {
            setKey(event.currentTarget.value);
            setSaved('');
          }}
        />
        {chosen?.make !== undefined && (
          <TextInput
            size="xs"
            label="Value"
            placeholder={chosen.placeholder}
            value={text}
            disabled={saved !== ''}
            error={!saved && text.trim() !== '' && typed === undefined}
            onChange={(event) => setText(event.currentTarget.value)}
          />
        )}
        {kind !== undefined && (kind === 'COHORT' || all.length > 0) && (
          <NativeSelect
            size="xs"
            label={kind === 'COHORT' ? 'Which cohort' : 'Or a concept set'}
            data={[
              all.length > 0 ? NONE : { value: '', label: 'None is saved' },
              ...all.map(optionOf),
            ]}
            value={saved}
            onChange={(event) => setSaved(event.currentTarget.value)}
          />
        )}
        <Button size="xs" type="submit" disabled={node === undefined}>
          Add
        </Button>
        <Button size="xs" variant="default" onClick={onClose}>
          Cancel
        </Button>
      </Group>
    </form>
  );
}
