import { Button, CopyButton, Group, Menu, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Link } from '@tanstack/react-router';
import { useMe } from '~/app/me';
import { counted } from '~/domain/amount';
import { MOST_BESIDE, searchOfPlace } from '~/domain/placeSearch';
import { AddDialog } from './AddDialog';
import { DeleteDialog } from './DeleteDialog';
import { linksOf, MOST_ZIPS, saveZips } from './deeds';
import type { Selected } from './useSelection';

interface Props {
  readonly selected: Selected;
  /** Called when some of what is listed is not there any more. */
  readonly onGone: () => void;
}

/** What can be done with the studies that are chosen. */
export function ActionBar({ selected, onGone }: Props) {
  const { studies, clear } = selected;
  const { may, isKnown } = useMe();
  const [isDeleting, deletion] = useDisclosure(false);
  const [isAdding, adding] = useDisclosure(false);
  const uids = studies.map(({ studyInstanceUid }) => studyInstanceUid).join('\n');
  const isOfOne = new Set(studies.map(({ partition }) => partition.name)).size === 1;
  const seesImages = isKnown && may('view_phi');
  return (
    <Group role="toolbar" aria-label="With the chosen studies" gap="xs" mt="xs">
      <Text size="sm" fw={600} role="status">
        {counted(studies.length, 'study', 'studies')} chosen
      </Text>
      {seesImages && <BesideButton selected={selected} isOfOne={isOfOne} />}
      {seesImages && (
        <Button
          size="xs"
          variant="default"
          disabled={studies.length > MOST_ZIPS}
          onClick={() => void saveZips(studies)}
        >
          {studies.length > MOST_ZIPS ? `ZIP: at most ${MOST_ZIPS} at once` : 'Download as ZIP'}
        </Button>
      )}
      {isKnown && may('share_data') && (
        <Button size="xs" variant="default" disabled={!isOfOne} onClick={adding.open}>
          {isOfOne ? 'Add to a project' : 'A project: of one partition'}
        </Button>
      )}
      <Menu position="top-start">
        <Menu.Target>
          <Button size="xs" variant="default">
            Copy
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <CopyItem label="Links" text={linksOf(studies)} />
          <CopyItem label="Study UIDs" text={uids} />
        </Menu.Dropdown>
      </Menu>
      {isKnown && may('delete_data') && (
        <Button size="xs" variant="outline" color="red" onClick={deletion.open}>
          Delete …
        </Button>
      )}
      <Button size="xs" variant="subtle" onClick={clear}>
        Choose none
      </Button>
      {isDeleting && <DeleteDialog studies={studies} onClose={deletion.close} onGone={onGone} />}
      {isAdding && <AddDialog studies={studies} onClose={adding.close} />}
    </Group>
  );
}

interface BesideProps {
  readonly selected: Selected;
  readonly isOfOne: boolean;
}

function BesideButton({ selected, isOfOne }: BesideProps) {
  const [first, ...others] = selected.studies;
  if (first === undefined || !isOfOne || others.length >= MOST_BESIDE) {
    return (
      <Button size="xs" disabled>
        {isOfOne ? `Viewer: at most ${MOST_BESIDE} at once` : 'Viewer: of one partition'}
      </Button>
    );
  }
  const beside = others.map(({ studyInstanceUid }) => studyInstanceUid).join(',');
  return (
    <Button
      size="xs"
      renderRoot={(props) => (
        <Link
          to="/studies/$studyUid/viewer"
          params={{ studyUid: first.studyInstanceUid }}
          search={{ ...searchOfPlace(first.partition.name), ...(beside && { beside }) }}
          {...props}
        />
      )}
    >
      {others.length === 0 ? 'Open in the viewer' : 'Open side by side'}
    </Button>
  );
}

function CopyItem({ label, text }: { readonly label: string; readonly text: string }) {
  return (
    <CopyButton value={text}>
      {({ copy }) => <Menu.Item onClick={copy}>{label}</Menu.Item>}
    </CopyButton>
  );
}
