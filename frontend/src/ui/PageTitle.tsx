import { Group, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTabName } from './useTabName';

interface Props {
  readonly title: string;
  /** What the tab is called, where that is not the title. */
  readonly tab?: string;
  readonly children?: ReactNode;
}

/** The heading of a page, and the name of its tab. */
export function PageTitle({ title, tab = title, children }: Props) {
  useTabName(tab);
  return (
    <Group justify="space-between" mb="md" gap="sm">
      <Title order={1} size="h3" style={{ overflowWrap: 'anywhere' }}>
        <bdi>{title}</bdi>
      </Title>
      {children}
    </Group>
  );
}
