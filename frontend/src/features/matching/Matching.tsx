import { Button, Group, Stack } from '@mantine/core';
import { getRouteApi } from '@tanstack/react-router';
import { useGraph } from '~/api/useGraph';
import { usePages } from '~/api/usePages';
import { DEFAULT_PARTITION } from '~/domain/placeSearch';
import { Empty } from '~/ui/Empty';
import { FaultView } from '~/ui/FaultView';
import { Loading } from '~/ui/Loading';
import { PageTitle } from '~/ui/PageTitle';
import { Shown } from '~/ui/Shown';
import { ConflictCard } from './ConflictCard';
import { Decisions } from './Decisions';
import { CONFLICTS, DECISIONS } from './queries';

const PAGE_SIZE = 50;
const route = getRouteApi('/matching');

/** Where images and record do not agree who a patient is, and what was decided. */
export function Matching() {
  const { partition = DEFAULT_PARTITION } = route.useSearch();
  const pages = usePages(
    CONFLICTS,
    { partition, first: PAGE_SIZE },
    (data) => data.patientConflicts,
  );
  const decisions = useGraph(DECISIONS, { variables: { partition } });
  const { rows, isLoading, fault, hasMore, isLoadingMore, loadMore, reload } = pages;
  const again = () => {
    reload();
    decisions.reload();
  };
  return (
    <>
      <PageTitle title="Matching of patients" tab="Matching" />
      {fault !== undefined && <FaultView fault={fault} onTryAgain={again} />}
      {fault === undefined && rows.length === 0 && isLoading && (
        <Loading label="Loading what does not match" rows={6} />
      )}
      {fault === undefined && !(rows.length === 0 && isLoading) && (
        <Stack>
          {rows.length === 0 && (
            <Empty title="All studies have found their patients">
              Where images and the record contradict each other, it is told here.
            </Empty>
          )}
          {rows.map((conflict) => (
            <ConflictCard
              key={conflict.conflictId}
              conflict={conflict}
              partition={partition}
              onChanged={again}
            />
          ))}
          {hasMore && (
            <Group justify="center">
              <Button size="xs" variant="default" loading={isLoadingMore} onClick={loadMore}>
                Show more
              </Button>
            </Group>
          )}
          <Shown asked={decisions} label="Loading what was decided">
            {({ patientDecisions }) => (
              <Decisions decisions={patientDecisions} partition={partition} onChanged={again} />
            )}
          </Shown>
        </Stack>
      )}
    </>
  );
}
