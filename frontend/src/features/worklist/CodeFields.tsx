import { Fieldset, Group, TextInput } from '@mantine/core';
import type { Code } from '~/domain/codedValue';

interface Props {
  readonly title: string;
  readonly code: Code;
  readonly onChange: (code: Code) => void;
}

const FIELDS = [
  { name: 'meaning', label: 'In words', width: 160, longest: 64 },
  { name: 'value', label: 'Code', width: 100, longest: 64 },
  { name: 'scheme', label: 'Scheme', width: 90, longest: 16 },
] as const;

/** A code with its meaning, as DICOM has them (PS3.3 8.8). */
export function CodeFields({ title, code, onChange }: Props) {
  return (
    <Fieldset legend={title} p="xs">
      <Group gap="xs">
        {FIELDS.map(({ name, label, width, longest }) => (
          <TextInput
            key={name}
            label={label}
            size="xs"
            w={width}
            maxLength={longest}
            required
            data-autofocus={name === 'meaning' || undefined}
            value={code[name]}
            onChange={(event) => onChange({ ...code, [name]: event.currentTarget.value })}
          />
        ))}
      </Group>
    </Fieldset>
  );
}
