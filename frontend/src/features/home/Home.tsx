import { SimpleGrid, Stack } from '@mantine/core';
import { useMe } from '~/app/me';
import { Empty } from '~/ui/Empty';
import { FaultView } from '~/ui/FaultView';
import { Loading } from '~/ui/Loading';
import { PageTitle } from '~/ui/PageTitle';
import { Projects } from './Projects';
import { RecentStudies } from './RecentStudies';
import { RunningOperations } from './RunningOperations';

/** Where somebody begins: what is theirs, what is new, what is under way. */
export function Home() {
  const { name, may, isKnown, fault, reload } = useMe();
  if (fault !== undefined) {
    return (
      <>
        <PageTitle title="Home" />
        <FaultView fault={fault} onTryAgain={reload} />
      </>
    );
  }
  if (!isKnown) {
    return (
      <>
        <PageTitle title="Home" />
        <Loading label="Loading the page" rows={8} />
      </>
    );
  }
  return (
    <>
      <PageTitle title={`Welcome, ${name}`} tab="Home" />
      {may('read_data') ? (
        <Stack>
          <RecentStudies />
          <SimpleGrid cols={{ base: 1, md: 2 }}>
            <Projects />
            <RunningOperations />
          </SimpleGrid>
        </Stack>
      ) : (
        <Empty title="Your account sees no patient data">
          What it may do otherwise is in the menu under its name.
        </Empty>
      )}
    </>
  );
}
