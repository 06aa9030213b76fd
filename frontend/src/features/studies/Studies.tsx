import { Flex, Text } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useMe } from '~/app/me';
import { counted } from '~/domain/amount';
import { searchOfPlace } from '~/domain/placeSearch';
import { isNarrowed } from '~/domain/studySearch';
import { Empty } from '~/ui/Empty';
import { FaultView } from '~/ui/FaultView';
import { Loading } from '~/ui/Loading';
import { PageTitle } from '~/ui/PageTitle';
import { COLUMNS, SHOWN_TO_ALL } from './columns';
import { Filters } from './Filters';
import { QuickLook } from './QuickLook';
import classes from './Studies.module.css';
import { StudyGrid } from './StudyGrid';
import { useChosen } from './useChosen';
import { useSearch } from './useSearch';
import { useStudies } from './useStudies';

/** All studies that the account sees: searched, sorted, looked at. */
export function Studies() {
  const state = useSearch();
  const { search, change } = state;
  const { may } = useMe();
  const navigate = useNavigate();
  const mayIdentify = may('view_phi');
  const { pages, total, question } = useStudies(search);
  const { rows, isLoading, fault, reload } = pages;
  const { active, looked, choose } = useChosen(rows, search.look, question);
  const go = (at: number) => {
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
    <div className={classes.page}>
      <PageTitle title="Studies">
        <Text size="sm" c="dimmed" role="status">
          {total !== undefined && counted(total, 'study', 'studies')}
        </Text>
      </PageTitle>
      {fault?.code !== 'FORBIDDEN' && <Filters {...state} mayIdentify={mayIdentify} />}
      {fault !== undefined && <FaultView fault={fault} onTryAgain={reload} />}
      {isLoading && rows.length === 0 && <Loading label="Loading studies" rows={10} />}
      {!isLoading && fault === undefined && rows.length === 0 && (
        <Nothing isNarrowed={isNarrowed(search)} />
      )}
      {rows.length > 0 && (
        <Flex className={classes.columns} gap="md">
          <StudyGrid
            columns={mayIdentify ? COLUMNS : SHOWN_TO_ALL}
            pages={pages}
            total={total}
            sort={search.sort}
            active={active}
            onActive={go}
            onSort={(sort) => change({ sort })}
            onLook={look}
            onOpen={open}
          />
          {looked !== undefined && (
            <QuickLook study={looked} onClose={look} onOpen={() => open(active)} />
          )}
        </Flex>
      )}
      {rows.length > 0 && (
        <Text size="xs" c="dimmed" mt="xs" visibleFrom="sm">
          Arrow keys choose a study. Space: quick look. Enter: open in the viewer.
        </Text>
      )}
    </div>
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
