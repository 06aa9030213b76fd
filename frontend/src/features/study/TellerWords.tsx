import { Text } from '@mantine/core';

interface Props {
  readonly elements: readonly { readonly name: string; readonly source: string }[];
}

/** Says which elements of the study's ImagingStudy the record tells; nothing, if none. */
export function TellerWords({ elements }: Props) {
  const told = elements.filter(({ source }) => source !== 'IMAGES');
  if (told.length === 0) {
    return null;
  }
  return (
    <Text size="xs" c="dimmed">
      Told by the record: {told.map(({ name }) => name).join(', ')}. All else by the images.
    </Text>
  );
}
