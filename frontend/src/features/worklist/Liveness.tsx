import { Alert, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
import { useLine } from '~/api/line';
import { Moment } from '~/ui/Moment';

/** A line that is opened, or opened again, soon is no news. */
const PATIENCE_MS = 3_000;

interface Props {
  /** Whether the list is there, so that it ought to follow what happens. */
  readonly isAsked: boolean;
  /** When the list could be had last, where it cannot be now. */
  readonly lostSince: string | undefined;
}

/** Tells that the list does not follow what happens as it does otherwise; else nothing. */
export function Liveness({ isAsked, lostSince }: Props) {
  const isSilent = useSilence() && isAsked;
  return (
    <div role="status">
      {isAsked && lostSince !== undefined ? (
        <Alert
          color="yellow"
          p="xs"
          mb="xs"
          title="The portal does not answer"
          // The library's yellow is too pale for text.
          styles={{ title: { color: 'var(--mantine-color-text)' } }}
        >
          The list is as it was at <Moment at={lostSince} />. It is asked for again every few
          seconds.
        </Alert>
      ) : (
        isSilent && (
          <Text size="sm" c="dimmed" mb="xs">
            Changes cannot be told at once now: the list is looked at anew every few seconds.
          </Text>
        )
      )}
    </div>
  );
}

/** Returns whether nothing can be told, for longer than a moment. */
function useSilence(): boolean {
  const isOpen = useLine();
  const [isSilent, setSilent] = useState(false);
  useEffect(() => {
    if (isOpen) {
      setSilent(false);
      return;
    }
    const timer = setTimeout(() => setSilent(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [isOpen]);
  return isSilent;
}
