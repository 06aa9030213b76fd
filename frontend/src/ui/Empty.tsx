import { Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';

interface Props {
  readonly title: string;
  /** What to do about it. */
  readonly children?: ReactNode;
}

/** Says that there is nothing, and what to do about it. */
export function Empty({ title, children }: Props) {
  return (
    <Stack align="center" gap={4} py="xl" role="status">
      <Text fw={600}>{title}</Text>
      <Text size="sm" c="dimmed" ta="center" component="div">
        {children}
      </Text>
    </Stack>
  );
}
