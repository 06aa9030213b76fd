import { NativeSelect } from '@mantine/core';

interface Props {
  readonly label: string;
  readonly width: number;
  readonly choices: readonly { readonly value: string; readonly label: string }[];
  readonly chosen: string | undefined;
  readonly onChoose: (value: string) => void;
}

/** A field of few choices; the empty one is chosen where nothing is. */
export function ChoiceField({ label, width, choices, chosen = '', onChoose }: Props) {
  return (
    <NativeSelect
      label={label}
      size="xs"
      w={width}
      data={[...choices]}
      value={chosen}
      onChange={(event) => onChoose(event.currentTarget.value)}
    />
  );
}
