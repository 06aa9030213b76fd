import { NativeSelect } from '@mantine/core';
import { namedBy } from '~/domain/ask/savedNames';
import { useDefinitions } from './useDefinitions';

interface Props {
  readonly label: string;
  readonly partition: string;
  /** Is told what criteria name the set by. */
  readonly onPick: (name: string) => void;
}

/** One of the concept sets that are saved; nothing where there are none. */
export function SetPicker({ label, partition, onPick }: Props) {
  const { all } = useDefinitions('SET', partition, true);
  if (all.length === 0) {
    return null;
  }
  return (
    <NativeSelect
      size="xs"
      label={label}
      data={[{ value: '', label: 'Choose one' }, ...all.map(optionOf)]}
      value=""
      onChange={(event) => {
        if (event.currentTarget.value) {
          onPick(event.currentTarget.value);
        }
      }}
    />
  );
}

/** Returns what is saved as one of a list to choose from; others' with their owner. */
export function optionOf(saved: Parameters<typeof namedBy>[0] & { readonly owner: string }) {
  const { name, isOwn, owner } = saved;
  return {
    value: namedBy(saved),
    label: isOwn ? name : `${name} (of ${owner || 'a removed account'})`,
  };
}
