import { Alert, Button, Flex, Group, Text } from '@mantine/core';
import { useTold } from '~/api/useTold';
import { useMe } from '~/app/me';
import { ViewsMenu } from '~/app/ViewsMenu';
import { DEFAULT_PARTITION } from '~/domain/placeSearch';
import {
  isWorkNarrowed,
  MOST_COUNTED,
  STATES,
  WORKLIST_VIEWS,
  type WorklistSearch,
} from '~/domain/worklistSearch';
import { Empty } from '~/ui/Empty';
import { FaultView } from '~/ui/FaultView';
import list from '~/ui/ListPage.module.css';
import { Loading } from '~/ui/Loading';
import { PageTitle } from '~/ui/PageTitle';
import { Liveness } from './Liveness';
import { LIST_TOLD } from './queries';
import { StateBar } from './StateBar';
import { type Claim, useClaim } from './useClaim';
import { useWorkDeeds } from './useWorkDeeds';
import { type Counts, useWorkitems } from './useWorkitems';
import { useWorkSearch } from './useWorkSearch';
import { WorkFilters } from './WorkFilters';
import { WorkGrid } from './WorkGrid';
import { WorkPanel } from './WorkPanel';

/** What is to be done: found, claimed, done, as everybody sees it. */
export function Worklist() {
  const state = useWorkSearch();
  const { search, change } = state;
  const { may, isKnown } = useMe();
  const partition = search.partition ?? DEFAULT_PARTITION;
  const { pages, counts, lostSince, renew } = useWorkitems(search);
  const { rows, isLoading, fault, reload } = pages;
  // Whoever sees nothing of the partition is not told that there is one.
  const isClosed = fault?.code === 'NOT_FOUND';
  const isDenied = fault?.code === 'FORBIDDEN' || isClosed;
  const isPaused = fault !== undefined || (isLoading && rows.length === 0);
  const variables = { label: search.label ?? null, partition };
  useTold(LIST_TOLD, { variables, pause: isPaused }, renew);
  const claim = useClaim(search, () => void renew());
  const deeds = useWorkDeeds(state, rows, claim);
  return (
    <div className={list.page}>
      <PageTitle title="Worklist">
        {!isDenied && (
          <Group gap="xs">
            {isKnown && may('perform_workitems') && (
              <Button size="xs" loading={claim.isRunning} onClick={deeds.claimNext}>
                Claim the next one
              </Button>
            )}
            <ViewsMenu page={WORKLIST_VIEWS} search={search} />
          </Group>
        )}
      </PageTitle>
      {!isDenied && (
        <>
          <StateBar counts={counts} search={search} change={change} />
          <WorkFilters {...state} />
        </>
      )}
      {isClosed && <Nothing isNarrowed={false} />}
      {fault !== undefined && !isClosed && <FaultView fault={fault} onTryAgain={reload} />}
      <Liveness isAsked={!isPaused} lostSince={lostSince} />
      <Told claim={claim} />
      {(fault === undefined || rows.length > 0) && (
        <Flex className={list.columns} gap="md">
          {rows.length > 0 ? (
            <WorkGrid pages={pages} total={totalOf(counts, search)} deeds={deeds} />
          ) : (
            <div className={list.instead}>
              {isLoading ? (
                <Loading label="Loading the worklist" rows={10} />
              ) : (
                <Nothing isNarrowed={isWorkNarrowed(search)} />
              )}
            </div>
          )}
          {search.look !== undefined && !isDenied && (
            <WorkPanel
              key={search.look}
              uid={search.look}
              partition={partition}
              claim={claim}
              onClose={deeds.look}
              onChanged={(uid) => {
                void renew();
                if (uid !== search.look) {
                  change({ look: uid });
                }
              }}
            />
          )}
        </Flex>
      )}
      {rows.length > 0 && (
        <Text size="xs" c="dimmed" mt="xs" visibleFrom="sm">
          Arrow keys go to a workitem. Space: what it is. Enter: open in the viewer. C: claim it. N:
          claim the next one.
        </Text>
      )}
    </div>
  );
}

/** What became of a claim; of one that failed, why. */
function Told({ claim: { outcome, fault, forget } }: { readonly claim: Claim }) {
  if (fault !== undefined) {
    return <FaultView fault={fault} />;
  }
  return outcome === undefined ? null : (
    <Alert
      role={outcome.isRefusal ? 'alert' : 'status'}
      color={outcome.isRefusal ? 'yellow' : 'blue'}
      p="xs"
      mb="xs"
      withCloseButton
      closeButtonLabel="Close"
      onClose={forget}
    >
      <bdi>{outcome.text}</bdi>
    </Alert>
  );
}

function Nothing({ isNarrowed }: { readonly isNarrowed: boolean }) {
  return isNarrowed ? (
    <Empty title="No workitem matches">Change or clear what narrows the list.</Empty>
  ) : (
    <Empty title="There is nothing to do that you may see">
      Work comes from rules that look at studies as they arrive, and from other systems.
    </Empty>
  );
}

/** Returns how many rows the list has altogether, as far as that was counted. */
function totalOf(counts: Counts | undefined, { state, overdue }: WorklistSearch) {
  const key = STATES.find((one) => one.key === state)?.key ?? 'open';
  const total = overdue === undefined ? counts?.[key] : undefined;
  return total === undefined || total >= MOST_COUNTED ? undefined : total;
}
