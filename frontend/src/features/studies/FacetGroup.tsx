import { Text, TextInput, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { type CSSProperties, useState } from 'react';
import { readableNumber } from '~/domain/amount';
import {
  type Facet,
  type FacetValue,
  MOST_VALUES,
  offered,
  readValues,
  wordsOfValue,
} from '~/domain/facet';
import classes from './Facets.module.css';

/** How many values are shown to who has not asked for more. */
const FEW = 10;

interface Props {
  readonly facet: Facet;
  readonly counted: readonly FacetValue[];
  /** What is chosen, as the address has it. */
  readonly choice: string | undefined;
  readonly onToggle: (value: string) => void;
}

/** The values of a facet, to be chosen; nothing where there are none. */
export function FacetGroup({ facet, counted, choice, onToggle }: Props) {
  const [isLong, { toggle }] = useDisclosure(false);
  const [text, setText] = useState('');
  const chosen: ReadonlySet<string> = new Set(readValues(choice));
  const all = offered(facet, counted, [...chosen]);
  if (all.length === 0) {
    return null;
  }
  const words = text.trim().toLowerCase();
  const shown = isLong
    ? all.filter(({ value }) => wordsOfValue(facet, value).toLowerCase().includes(words))
    : all.filter(({ value }, at) => at < FEW || chosen.has(value));
  const most = Math.max(1, ...all.map(({ count }) => count ?? 0));
  return (
    <fieldset className={classes.group}>
      <legend className={classes.title}>{facet.title}</legend>
      {isLong && (
        <TextInput
          size="xs"
          mb={4}
          aria-label={`Find in ${facet.title}`}
          placeholder="Find"
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      )}
      <ul className={classes.values} data-long={isLong || undefined}>
        {shown.map(({ value, count }) => (
          <li key={value}>
            <Value
              words={wordsOfValue(facet, value)}
              count={count}
              share={(count ?? 0) / most}
              isChosen={chosen.has(value)}
              onToggle={() => onToggle(value)}
            />
          </li>
        ))}
      </ul>
      {isLong && shown.length === 0 && (
        <Text size="xs" c="dimmed" px={6} role="status">
          None of these
        </Text>
      )}
      {isLong && counted.length >= MOST_VALUES && (
        <Text size="xs" c="dimmed" px={6}>
          The {MOST_VALUES} most frequent
        </Text>
      )}
      {all.length > FEW && (
        <UnstyledButton
          className={classes.more}
          aria-expanded={isLong}
          aria-label={`${isLong ? 'Fewer' : 'More'} of ${facet.title}`}
          onClick={() => {
            setText('');
            toggle();
          }}
        >
          {isLong ? 'Fewer' : `${all.length - FEW} more`}
        </UnstyledButton>
      )}
    </fieldset>
  );
}

interface ValueProps {
  readonly words: string;
  readonly count: number | undefined;
  /** Of what the most frequent value has, from 0 to 1. */
  readonly share: number;
  readonly isChosen: boolean;
  readonly onToggle: () => void;
}

function Value({ words, count, share, isChosen, onToggle }: ValueProps) {
  return (
    <label className={classes.value} data-chosen={isChosen || undefined}>
      <input type="checkbox" className={classes.check} checked={isChosen} onChange={onToggle} />
      <bdi className={classes.name} title={words}>
        {words}
      </bdi>{' '}
      {count !== undefined && <span className={classes.count}>{readableNumber(count)}</span>}
      <span
        aria-hidden="true"
        className={classes.bar}
        style={{ '--share': share } as CSSProperties}
      />
    </label>
  );
}
