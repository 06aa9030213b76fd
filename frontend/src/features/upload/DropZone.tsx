import { Button, FileButton, Group, Paper, Text } from '@mantine/core';
import { type DragEvent, useRef, useState } from 'react';
import type { Chosen } from '~/api/uploadQueue';
import classes from './DropZone.module.css';
import { chosenFiles, walkDropped } from './dropped';

interface Props {
  readonly onFiles: (files: readonly Chosen[]) => void;
}

/** Takes files and folders: dropped here, or chosen by two buttons. */
export function DropZone({ onFiles }: Props) {
  const [isOver, setOver] = useState(false);
  const [hasFailed, setFailed] = useState(false);
  const folder = useRef<HTMLInputElement>(null);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    setFailed(false);
    walkDropped(event.dataTransfer.items, onFiles).catch(() => setFailed(true));
  };
  return (
    <Paper
      withBorder
      p="lg"
      className={classes.zone}
      data-over={isOver || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <Text fw={600}>Drop a folder with DICOM files here</Text>
      <Group justify="center" mt="sm" gap="xs">
        <Button size="xs" onClick={() => folder.current?.click()}>
          Choose a folder
        </Button>
        <FileButton multiple onChange={(files) => onFiles(files.map(fileAlone))}>
          {(props) => (
            <Button size="xs" variant="default" {...props}>
              Choose files
            </Button>
          )}
        </FileButton>
      </Group>
      <input
        ref={folder}
        type="file"
        hidden
        multiple
        data-testid="folder"
        onChange={(event) => {
          onFiles(chosenFiles(event.currentTarget.files));
          // The same folder may be chosen again.
          event.currentTarget.value = '';
        }}
        {...{ webkitdirectory: '' }}
      />
      {hasFailed && (
        <Text size="sm" role="alert" mt="xs">
          Some of what was dropped could not be read. Choose the folder instead.
        </Text>
      )}
    </Paper>
  );
}

function fileAlone(file: File): Chosen {
  return { path: file.name, file };
}
