import { Skeleton, Stack, VisuallyHidden } from '@mantine/core';

interface Props {
  /** What is loaded, for those who hear the page. */
  readonly label: string;
  readonly rows?: number;
}

/** Holds the place of what is still to come. */
export function Loading({ label, rows = 4 }: Props) {
  const places = Array.from({ length: rows }, (_, at) => at);
  return (
    <Stack gap="xs" role="status" aria-busy="true">
      <VisuallyHidden>{label}</VisuallyHidden>
      {places.map((at) => (
        <Skeleton key={at} height={28} />
      ))}
    </Stack>
  );
}
