import { Autocomplete, Text } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useMemo } from 'react';
import { usePages } from '~/api/usePages';
import { useMe } from '~/app/me';
import { PERFORMERS } from './queries';

const TYPING_MS = 250;
const PAGE_SIZE = 20;

interface Props {
  readonly uid: string;
  readonly partition: string;
  readonly value: string;
  readonly error: string | undefined;
  readonly onChange: (name: string) => void;
}

/** A field for the name of an account that a workitem may be handed over to, with a list. */
export function PerformerField({ uid, partition, value, error, onChange }: Props) {
  const { name: own } = useMe();
  const [text] = useDebouncedValue(value.trim(), TYPING_MS);
  const asked = useMemo(() => ({ uid, text, partition, first: PAGE_SIZE }), [uid, text, partition]);
  const { rows, isLoading, fault, loadMore } = usePages(
    PERFORMERS,
    asked,
    (data) => data.workitemPerformers,
  );
  const others = rows.filter(({ name }) => name !== own);
  const fullNames = new Map(others.map(({ name, fullName }) => [name, fullName]));
  const isNobody = !isLoading && fault === undefined && others.length === 0;
  return (
    <Autocomplete
      label="To (the name of an account)"
      description={
        <span role="status">
          {isNobody ? 'There is nobody of this name who may do it.' : 'Those who may do it.'}
        </span>
      }
      data={others.map(({ name }) => name)}
      // The server has found them, by the names of people as well.
      filter={({ options }) => options}
      renderOption={({ option }) => (
        <span>
          <bdi>{option.value}</bdi>{' '}
          <Text span size="sm" c="dimmed">
            <bdi>{fullNames.get(option.value)}</bdi>
          </Text>
        </span>
      )}
      maxDropdownHeight={220}
      scrollAreaProps={{ onBottomReached: loadMore }}
      required
      data-autofocus
      value={value}
      error={error}
      onChange={onChange}
    />
  );
}
