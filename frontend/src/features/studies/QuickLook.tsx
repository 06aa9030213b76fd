import { Button, CloseButton, Group, Stack, Text } from '@mantine/core';
import { readableName } from '~/domain/personName';
import classes from './QuickLook.module.css';
import type { StudyRow } from './queries';

interface Props {
  readonly study: StudyRow;
  readonly onClose: () => void;
  readonly onOpen: () => void;
}

/** A look at a study beside the list, which keeps the keys. */
export function QuickLook({ study, onClose, onOpen }: Props) {
  return (
    <Stack component="aside" className={classes.panel} gap="xs" aria-label="Quick look">
      <Group justify="space-between" wrap="nowrap">
        <Text fw={600} truncate>
          {readableName(study.patientName) || study.studyDescription || 'Study'}
        </Text>
        <CloseButton aria-label="Close quick look" onClick={onClose} />
      </Group>
      <Button size="xs" onClick={onOpen}>
        Open in the viewer
      </Button>
    </Stack>
  );
}
