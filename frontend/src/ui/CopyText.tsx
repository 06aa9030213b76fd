import { Button, CopyButton, Group, Text } from '@mantine/core';

interface Props {
  readonly label: string;
  readonly text: string;
}

/** A text that people take along, with a button that copies it. */
export function CopyText({ label, text }: Props) {
  return (
    <Group gap="xs" mt="sm" wrap="nowrap">
      <Text size="xs" c="dimmed" ff="monospace" style={{ overflowWrap: 'anywhere' }}>
        {text}
      </Text>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Button
            size="compact-xs"
            variant="subtle"
            onClick={copy}
            aria-label={`Copy ${label}`}
            style={{ flexShrink: 0 }}
          >
            {copied ? 'Copied' : 'Copy'}
          </Button>
        )}
      </CopyButton>
    </Group>
  );
}
