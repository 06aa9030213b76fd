import { Modal, UnstyledButton } from '@mantine/core';
import { useState } from 'react';
import classes from './Ask.module.css';
import { CourseView } from './CourseView';

interface Props {
  readonly run: string;
  readonly cursor: string;
  readonly pseudonym: string;
  readonly titles: readonly string[];
}

/** A patient without a name, and the way to what happened to it. */
export function CourseButton({ run, cursor, pseudonym, titles }: Props) {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <UnstyledButton
        className={classes.link}
        fz="sm"
        aria-label={`Time line of ${pseudonym}`}
        onClick={() => setOpen(true)}
      >
        {pseudonym}
      </UnstyledButton>
      <Modal
        opened={isOpen}
        onClose={() => setOpen(false)}
        size="xl"
        title={`Time line of ${pseudonym}`}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <CourseView run={run} cursor={cursor} titles={titles} />
      </Modal>
    </>
  );
}
