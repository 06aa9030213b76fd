import { Button, Drawer, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { FACET_KEYS, readValues, withValue } from '~/domain/facet';
import type { StudySearch } from '~/domain/studySearch';
import { Loading } from '~/ui/Loading';
import { FacetGroup } from './FacetGroup';
import classes from './Facets.module.css';
import type { FacetPlace } from './useFacetPlace';
import type { FacetCounts } from './useFacets';
import type { SearchState } from './useSearch';

const TITLE = 'Narrow the list';

interface Props {
  readonly counts: FacetCounts;
  readonly search: StudySearch;
  readonly choose: SearchState['choose'];
  readonly place: FacetPlace;
}

/** What the studies of the list have, to narrow it by: beside it, or in a drawer. */
export function Facets({ place, ...rest }: Props) {
  const { isDrawer, isShown, toggle } = place;
  if (!isDrawer) {
    return (
      isShown && (
        <Panel>
          <Groups {...rest} />
        </Panel>
      )
    );
  }
  return (
    <Drawer
      opened={isShown}
      onClose={toggle}
      title={TITLE}
      size={320}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Groups {...rest} />
    </Drawer>
  );
}

function Panel({ children }: { readonly children: ReactNode }) {
  return (
    <aside className={classes.panel} aria-label={`${TITLE}: how many studies have what`}>
      <button
        type="button"
        className={classes.skip}
        onClick={() => document.querySelector<HTMLElement>('[role=grid]')?.focus()}
      >
        Skip to the list
      </button>
      {children}
    </aside>
  );
}

function Groups({ counts, search, choose }: Omit<Props, 'place'>) {
  const { facets, isLoading, isStale, fault, reload } = counts;
  if (fault !== undefined) {
    return (
      <>
        <Text size="sm" c="dimmed" role="status" mb="xs">
          What the studies have could not be counted. {fault.message}
        </Text>
        <Button size="xs" variant="default" onClick={reload}>
          Count anew
        </Button>
      </>
    );
  }
  if (isLoading) {
    return <Loading label="Loading what the studies have" rows={8} />;
  }
  const isEmpty = facets.every(
    ([{ key }, counted]) => counted.length === 0 && search[key] === undefined,
  );
  return (
    <div className={classes.groups} data-stale={isStale || undefined} aria-busy={isStale}>
      {isEmpty && (
        <Text size="sm" c="dimmed">
          There is nothing to narrow by.
        </Text>
      )}
      {facets.map(([facet, counted]) => (
        <FacetGroup
          key={facet.key}
          facet={facet}
          counted={counted}
          choice={search[facet.key]}
          onToggle={(value) => choose({ [facet.key]: withValue(search[facet.key], value) })}
        />
      ))}
    </div>
  );
}

interface ButtonProps {
  readonly place: FacetPlace;
  readonly search: StudySearch;
}

/** Shows the facets, or hides them. */
export function FacetsButton({ place: { isShown, toggle }, search }: ButtonProps) {
  const number = FACET_KEYS.flatMap((key) => readValues(search[key])).length;
  return (
    <Button size="xs" variant="default" aria-expanded={isShown} onClick={toggle}>
      {number > 0 ? `Narrow (${number})` : 'Narrow'}
    </Button>
  );
}
