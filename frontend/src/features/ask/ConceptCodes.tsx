import { Button, Group, Text, TextInput } from '@mantine/core';
import { type SyntheticEvent, useState } from 'react';
import { useGraph } from '~/api/useGraph';
import { counted } from '~/domain/amount';
import { conceptOf, isPart, type Part, without } from '~/domain/ask/criteria';
import { DEFAULT_PARTITION } from '~/domain/placeSearch';
import { unturned } from '~/domain/plainText';
import { Shown } from '~/ui/Shown';
import classes from './Ask.module.css';
import { CODES } from './definitionQueries';
import { SetPicker } from './SetPicker';
import { useTitleOf } from './savedNames';
import { useAskSearch } from './useAskSearch';
import { useDefinitions } from './useDefinitions';

const SHOWN = 50;

interface Props {
  readonly node: Part;
  readonly onChange: (concept: Part) => void;
}

/** Which codes of the data the concept of an event means; each can be left out. */
export function ConceptCodes({ node, onChange }: Props) {
  const [isOpen, setOpen] = useState(false);
  const concept = conceptOf(node);
  const titleOf = useTitleOf();
  if (concept === undefined) {
    return null;
  }
  return (
    <div>
      <Button
        size="compact-xs"
        variant="subtle"
        mt={4}
        aria-expanded={isOpen}
        aria-label={`Codes of ${unturned(titleOf(node))}`}
        onClick={() => setOpen(!isOpen)}
      >
        Codes
      </Button>
      {isOpen && <Codes node={node} concept={concept} onChange={onChange} />}
    </div>
  );
}

function Codes({ node, concept, onChange }: Props & { readonly concept: Part }) {
  const { search } = useAskSearch();
  const partition = search.partition ?? DEFAULT_PARTITION;
  const event = node['event'];
  const type = isPart(event) ? String(event['type']) : '';
  const codes = useGraph(CODES, { variables: { concept, type, partition } });
  return (
    <Shown asked={codes} label="Loading codes" rows={3}>
      {({ conceptCodes: found }) => (
        <>
          <Text size="xs" c="dimmed">
            {found.length === 0
              ? 'No code of the data that you may be told of.'
              : `It means ${counted(found.length, 'code')} of the data.`}
          </Text>
          <ul className={classes.codes} aria-label="Codes that it means">
            {found.slice(0, SHOWN).map(({ system, code, display, numberOfPatients }) => (
              <li key={`${system} ${code} ${display}`}>
                <Group gap="xs" justify="space-between" wrap="nowrap">
                  <Text size="sm" style={{ overflowWrap: 'anywhere' }} title={system}>
                    <bdi>{display || code}</bdi>{' '}
                    <Text span size="xs" c="dimmed">
                      {code}
                      {typeof numberOfPatients === 'number' &&
                        ` · ${counted(numberOfPatients, 'patient')}`}
                    </Text>
                  </Text>
                  <Button
                    size="compact-xs"
                    variant="default"
                    aria-label={`Leave out ${unturned(display || code)}`}
                    onClick={() =>
                      onChange(
                        without(concept, code ? { codes: [{ system, code }] } : { text: display }),
                      )
                    }
                  >
                    Leave out
                  </Button>
                </Group>
              </li>
            ))}
          </ul>
          {found.length > SHOWN && (
            <Text size="xs" c="dimmed">
              The {SHOWN} that most have are shown.
            </Text>
          )}
          <Group gap="md" align="end">
            <SetPicker
              label="Take a concept set instead"
              partition={partition}
              onPick={(set) => onChange({ set })}
            />
            <SaveSet concept={concept} partition={partition} onChange={onChange} />
          </Group>
        </>
      )}
    </Shown>
  );
}

interface SaveProps extends Pick<Props, 'onChange'> {
  readonly concept: Part;
  readonly partition: string;
}

/** Keeps a concept under a name, which stands in the criteria from then on. */
function SaveSet({ concept, partition, onChange }: SaveProps) {
  const [name, setName] = useState('');
  const { save, fault } = useDefinitions('SET', partition, false);
  const submit = async (event: SyntheticEvent) => {
    event.preventDefault();
    if (await save(name.trim(), concept)) {
      onChange({ set: name.trim() });
    }
  };
  return (
    <form onSubmit={(event) => void submit(event)}>
      <Group gap="xs" align="end">
        <TextInput
          size="xs"
          label="Save as a concept set"
          maxLength={100}
          value={name}
          error={fault?.message}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button size="xs" variant="default" type="submit" disabled={!name.trim()}>
          Save
        </Button>
      </Group>
    </form>
  );
}
