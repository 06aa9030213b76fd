import { Button, CloseButton, Group, Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { readableDate } from '~/domain/dicomDate';
import { readableName } from '~/domain/personName';
import { searchOfPlace } from '~/domain/placeSearch';
import { joined } from '~/domain/plainText';
import { StudyLook } from '~/viewer/StudyLook';
import classes from './QuickLook.module.css';
import type { StudyRow } from './queries';

interface Props {
  readonly study: StudyRow;
  readonly onClose: () => void;
  readonly onOpen: () => void;
}

/** A look at a study beside the list, which keeps the keys. */
export function QuickLook({ study, onClose, onOpen }: Props) {
  const uid = study.studyInstanceUid;
  const partition = study.partition.name;
  const when = readableDate(study.studyDate);
  return (
    <Stack component="aside" className={classes.panel} gap="xs" aria-label="Quick look">
      <Group justify="space-between" wrap="nowrap">
        <div className={classes.title}>
          <Text fw={600} truncate>
            <bdi>{study.studyDescription || 'Study'}</bdi>
          </Text>
          <Text size="xs" c="dimmed" truncate>
            {joined([readableName(study.patientName), when], ', ')}
          </Text>
        </div>
        <CloseButton aria-label="Close quick look" onClick={onClose} />
      </Group>
      <StudyLook key={uid} studyUid={uid} partition={partition} />
      <Group grow gap="xs">
        <Button size="xs" onClick={onOpen}>
          Open in the viewer
        </Button>
        <Button
          size="xs"
          variant="default"
          renderRoot={(props) => (
            <Link
              to="/studies/$studyUid"
              params={{ studyUid: uid }}
              search={searchOfPlace(partition)}
              {...props}
            />
          )}
        >
          Study page
        </Button>
      </Group>
    </Stack>
  );
}
