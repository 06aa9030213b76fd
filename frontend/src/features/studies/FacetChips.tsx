import { Button } from '@mantine/core';
import { FACETS, readValues, withValue, wordsOfValue } from '~/domain/facet';
import { unturned } from '~/domain/plainText';
import type { StudySearch } from '~/domain/studySearch';
import classes from './Facets.module.css';
import type { SearchState } from './useSearch';

interface Props {
  readonly search: StudySearch;
  readonly choose: SearchState['choose'];
}

/** What is chosen of facets, each to be taken back. */
export function FacetChips({ search, choose }: Props) {
  const chosen = FACETS.flatMap((facet) =>
    readValues(search[facet.key]).map((value) => ({ facet, value })),
  );
  if (chosen.length === 0) {
    return null;
  }
  return (
    <div role="group" aria-label="The list is narrowed to" className={classes.chips}>
      {chosen.map(({ facet, value }) => {
        const words = wordsOfValue(facet, value);
        return (
          <Button
            key={`${facet.key} ${value}`}
            size="compact-xs"
            variant="light"
            radius="xl"
            maw="min(320px, 100%)"
            rightSection={<span aria-hidden="true">×</span>}
            aria-label={`${facet.title}: ${unturned(words)}, take it back`}
            onClick={() => choose({ [facet.key]: withValue(search[facet.key], value) })}
          >
            {facet.title}:&nbsp;<bdi className={classes.chip}>{words}</bdi>
          </Button>
        );
      })}
    </div>
  );
}
