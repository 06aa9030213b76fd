import { Badge } from '@mantine/core';
import { STATE_WORDS } from '~/domain/workitemWords';
import type { State } from '~/domain/worklistSearch';

interface Props {
  readonly state: State;
  readonly progress?: number | null | undefined;
}

/** The state of a workitem in words, with how far it is. */
export function StateBadge({ state, progress }: Props) {
  const isGoing = state === 'IN_PROGRESS';
  return (
    <Badge
      size="sm"
      variant={isGoing ? 'light' : 'default'}
      tt="none"
      fw={500}
      style={{ flexShrink: 0 }}
    >
      {STATE_WORDS[state]}
      {isGoing && progress != null && ` ${Math.round(progress)} %`}
    </Badge>
  );
}
