import { Button, Flex, Group, Text } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useMe } from '~/app/me';
import { ViewsMenu } from '~/app/ViewsMenu';
import { counted } from '~/domain/amount';
import { searchOfPlace } from '~/domain/placeSearch';
import type { Picking } from '~/domain/selection';
import { isNarrowed, STUDY_VIEWS } from '~/domain/studySearch';
import { Empty } from '~/ui/Empty';
import { FaultView } from '~/ui/FaultView';
import list from '~/ui/ListPage.module.css';
import { Loading } from '~/ui/Loading';
import { PageTitle } from '~/ui/PageTitle';
import { ActionBar } from './ActionBar';
import { ColumnsMenu } from './ColumnsMenu';
import { FacetChips } from './FacetChips';
import { Facets, FacetsButton } from './Facets';
import { Filters } from './Filters';
import { QuickLook } from './QuickLook';
import { StudyGrid } from './StudyGrid';
import { useChosen } from './useChosen';
import { useColumns } from './useColumns';
import { useFacetPlace } from './useFacetPlace';
import { useSearch } from './useSearch';
import { type Selected, useSelection } from './useSelection';
import { useStudies } from './useStudies';

/** All studies that the account sees: searched, sorted, looked at. */
export function Studies() {
  const state = useSearch();
  const { search, change, choose: narrow } = state;
  const { may } = useMe();
  const navigate = useNavigate();
  const mayIdentify = may('view_phi');
  const { pages, total, counts, isOld, question } = useStudies(search, mayIdentify);
  const { rows, isLoading, fault, reload } = pages;
  const isDenied = fault?.code === 'FORBIDDEN';
  const { active, looked, choose } = useChosen(rows, search.look, question);
  const place = useFacetPlace(looked !== undefined);
  const hasFacets = !isDenied && counts.fault?.code !== 'FORBIDDEN';
  const columns = useColumns(state, mayIdentify);
  const selected = useSelection(rows, active, question);
  const shownNow = { ...search, columns: columns.shown.map(({ key }) => key).join(',') };
  const pick = (at: number, how: Picking) => {
    selected.pick(at, how);
    choose(at);
    const uid = rows[at]?.studyInstanceUid;
    if (search.look !== undefined && uid !== undefined) {
      change({ look: uid });
    }
  };
  const open = (at: number) => {
    const study = rows[at];
    if (study !== undefined) {
      void navigate({
        to: '/studies/$studyUid/viewer',
        params: { studyUid: study.studyInstanceUid },
        search: searchOfPlace(study.partition.name),
      });
    }
  };
  const look = () => change({ look: looked ? '' : (rows[active]?.studyInstanceUid ?? '') });
  return (
    <div className={list.page}>
      <PageTitle title="Studies">
        {!isDenied && (
          <Group gap="xs">
            <Text size="sm" c="dimmed" role="status">
              {total !== undefined && counted(total, 'study', 'studies')}
            </Text>
            {isOld && (
              <Button size="xs" variant="light" onClick={reload}>
                Changed: look anew
              </Button>
            )}
            {hasFacets && <FacetsButton place={place} search={search} />}
            <ColumnsMenu {...columns} />
            <ViewsMenu page={STUDY_VIEWS} search={shownNow} />
          </Group>
        )}
      </PageTitle>
      {!isDenied && <Filters {...state} mayIdentify={mayIdentify} />}
      {!isDenied && <FacetChips search={search} choose={narrow} />}
      {fault !== undefined && <FaultView fault={fault} onTryAgain={reload} />}
      {(fault === undefined || rows.length > 0) && (
        <Flex className={list.columns} gap="md">
          {hasFacets && <Facets counts={counts} search={search} choose={narrow} place={place} />}
          {rows.length === 0 && (
            <div className={list.instead}>
              {isLoading ? (
                <Loading label="Loading studies" rows={10} />
              ) : (
                <Nothing isNarrowed={isNarrowed(search)} />
              )}
            </div>
          )}
          {rows.length > 0 && (
            <StudyGrid
              columns={columns.shown}
              pages={pages}
              total={total}
              sort={search.sort}
              active={active}
              selected={selected}
              onPick={pick}
              onSort={(sort) => change({ sort })}
              onLook={look}
              onOpen={open}
            />
          )}
          {rows.length > 0 && looked !== undefined && (
            <QuickLook study={looked} onClose={look} onOpen={() => open(active)} />
          )}
        </Flex>
      )}
      {rows.length > 0 && <Foot selected={selected} onGone={reload} />}
    </div>
  );
}

interface FootProps {
  readonly selected: Selected;
  readonly onGone: () => void;
}

/** What can be done with what is chosen, or how something is. */
function Foot({ selected, onGone }: FootProps) {
  return selected.studies.length > 0 ? (
    <ActionBar selected={selected} onGone={onGone} />
  ) : (
    <Text size="xs" c="dimmed" mt="xs" visibleFrom="sm">
      Arrow keys go to a study. Space: quick look. Enter: open in the viewer. Shift and Space, or
      Shift and arrows: choose.
    </Text>
  );
}

function Nothing({ isNarrowed: narrowed }: { readonly isNarrowed: boolean }) {
  return narrowed ? (
    <Empty title="No study matches">Change or clear what narrows the list.</Empty>
  ) : (
    <Empty title="There are no studies that you may see">
      Upload some, or ask for access to those of others.
    </Empty>
  );
}
