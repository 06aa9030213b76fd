import { SimpleGrid, Stack } from '@mantine/core';
import { useMe } from '~/app/me';
import { FaultView } from '~/ui/FaultView';
import { PageTitle } from '~/ui/PageTitle';
import { Projects } from './Projects';
import { RecentStudies } from './RecentStudies';
import { RunningOperations } from './RunningOperations';

/** Where somebody begins: what is theirs, what is new, what is under way. */
export function Home() {
  const { name, may, fault } = useMe();
  if (fault !== undefined) {
    return <FaultView fault={fault} />;
  }
  return (
    <>
      <PageTitle title={name ? `Welcome, ${name}` : 'Welcome'} tab="Home" />
      <Stack>
        {may('read_data') && <RecentStudies />}
        <SimpleGrid cols={{ base: 1, md: 2 }}>
          <Projects />
          {may('read_data') && <RunningOperations />}
        </SimpleGrid>
      </Stack>
    </>
  );
}
