import { Kbd, Text, UnstyledButton } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { createSpotlight, Spotlight, useSpotlight } from '@mantine/spotlight';
import { useNavigate } from '@tanstack/react-router';
import { type KeyboardEvent, useState } from 'react';
import type { FoundStudyFragment } from '~/api/generated/graphql';
import { readableDate } from '~/domain/dicomDate';
import { readableName } from '~/domain/personName';
import { searchOfPlace } from '~/domain/placeSearch';
import { joined, unturned } from '~/domain/plainText';
import { useFound } from './finding';
import { usePlaces } from './places';
import classes from './SearchBox.module.css';

const TYPING_MS = 250;
const LABEL = 'Search the portal';
const HINT = 'Patient, accession number, UID, project or page';

// The library keeps whether it is open, and what is chosen, outside of React.
const [store, spotlight] = createSpotlight();

interface Hit {
  readonly key: string;
  readonly label: string;
  readonly description: string;
  readonly go: () => void;
}

/** The one search box of the portal: Ctrl-K on every page. */
export function SearchBox() {
  const [text, setText] = useState('');
  const { opened: isOpen } = useSpotlight(store);
  const [asked] = useDebouncedValue(text, TYPING_MS);
  const { hits, isLooking } = useHits(text, asked, isOpen);
  const takeFirst = (event: KeyboardEvent) => {
    // What the library has chosen may have gone from the list meanwhile.
    const dialog = event.currentTarget.closest('[role=dialog]');
    const isChosen = dialog?.querySelector('[data-selected]') != null;
    const first = hits[0];
    if (event.key === 'Enter' && !isChosen && text === asked && first !== undefined) {
      event.preventDefault();
      spotlight.close();
      first.go();
    }
  };
  return (
    <>
      <UnstyledButton className={classes.box} onClick={spotlight.open} aria-label={LABEL}>
        <Text size="sm" c="dimmed">
          Search
        </Text>
        <Kbd size="xs">Ctrl K</Kbd>
      </UnstyledButton>
      <Spotlight.Root
        store={store}
        query={text}
        onQueryChange={setText}
        tagsToIgnore={[]}
        attributes={{ content: { 'aria-label': LABEL } }}
        scrollable
      >
        <Spotlight.Search placeholder={HINT} aria-label={LABEL} onKeyDown={takeFirst} />
        <Spotlight.ActionsList>
          {hits.map(({ key, label, description, go }) => (
            <Spotlight.Action
              key={key}
              label={unturned(label)}
              description={description}
              onClick={go}
              style={{ overflowWrap: 'anywhere' }}
            />
          ))}
          {hits.length === 0 && (
            <Spotlight.Empty>{isLooking ? 'Looking …' : 'Nothing was found'}</Spotlight.Empty>
          )}
        </Spotlight.ActionsList>
      </Spotlight.Root>
    </>
  );
}

/** Returns where a text leads to: studies, projects, pages. */
function useHits(text: string, asked: string, isOpen: boolean) {
  const { studies, projects, isLooking } = useFound(asked, isOpen);
  const navigate = useNavigate();
  const words = text.trim().toLowerCase();
  const places = usePlaces().filter(({ label }) => label.toLowerCase().includes(words));
  const hits: readonly Hit[] = [
    ...studies.map((study) => ({
      key: study.id,
      label: readableName(study.patientName) || study.patientId || study.studyInstanceUid,
      description: wordsOf(study),
      go: () =>
        void navigate({
          to: '/studies/$studyUid',
          params: { studyUid: study.studyInstanceUid },
          search: searchOfPlace(study.partition.name),
        }),
    })),
    ...projects.map((project) => ({
      key: project.id,
      label: project.name,
      description: 'Project',
      go: () =>
        void navigate({
          to: '/studies',
          search: { project: project.name, ...searchOfPlace(project.partition.name) },
        }),
    })),
    ...places.map(({ to, label }) => ({
      key: to,
      label,
      description: 'Page',
      go: () => void navigate({ to }),
    })),
  ];
  return { hits, isLooking };
}

function wordsOf(study: FoundStudyFragment): string {
  const { patientId, studyDescription, modalitiesInStudy, studyDate, accessionNumber } = study;
  return joined(
    [
      patientId,
      studyDescription,
      modalitiesInStudy.join(', '),
      readableDate(studyDate),
      accessionNumber,
    ],
    ' · ',
  );
}
