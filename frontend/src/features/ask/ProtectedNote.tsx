import { Text } from '@mantine/core';
import { counted } from '~/domain/amount';

interface Props {
  /** Different questions of today; none where nobody has counted them. */
  readonly today?: number | null | undefined;
  readonly most?: number | null | undefined;
}

/** Why numbers are not exact, and how many questions were asked of how many. */
export function ProtectedNote({ today, most }: Props) {
  return (
    <Text size="xs" c="dimmed">
      You may count patients and not see who they are. So that no number tells of one of them, fewer
      than 5 are not told, and other numbers are a little off, mostly by less than 10.
      {typeof today === 'number' && typeof most === 'number' && (
        <>
          {' '}
          You have asked {counted(today, 'question')} today, of {most} at most.
        </>
      )}
    </Text>
  );
}
