import { Button, Group, SimpleGrid, Stack, Text } from '@mantine/core';
import { getRouteApi, Link } from '@tanstack/react-router';
import { zipOf } from '~/api/dicomweb';
import { useGraph } from '~/api/useGraph';
import { useMe } from '~/app/me';
import { useSearchChange } from '~/app/useSearchChange';
import { counted } from '~/domain/amount';
import { DEFAULT_PARTITION, type PlaceSearch } from '~/domain/placeSearch';
import { Card } from '~/ui/Card';
import { Empty } from '~/ui/Empty';
import { FaultView } from '~/ui/FaultView';
import { PageTitle } from '~/ui/PageTitle';
import { Shown } from '~/ui/Shown';
import { STUDY, type StudyOfPage } from './queries';
import { SeriesCard } from './SeriesCard';
import { StudyFacts } from './StudyFacts';
import { StudyRecord } from './StudyRecord';
import { Tags } from './Tags';

const route = getRouteApi('/studies/$studyUid');

/** A study: what it is, its series, its tags, the way into the viewer. */
export function StudyPage() {
  const { studyUid } = route.useParams();
  const { partition = DEFAULT_PARTITION } = route.useSearch();
  const asked = useGraph(STUDY, { variables: { uid: studyUid, partition } });
  return (
    <>
      {!asked.data?.study && <PageTitle title="Study" />}
      <Shown asked={asked} label="Loading the study" rows={8}>
        {({ study }) =>
          study ? (
            <Found study={study} />
          ) : (
            <FaultView fault={{ code: 'NOT_FOUND', message: studyUid }} />
          )
        }
      </Shown>
    </>
  );
}

function Found({ study }: { readonly study: StudyOfPage }) {
  const search = route.useSearch();
  const change = useSearchChange<PlaceSearch>(route.id);
  const { may, isKnown } = useMe();
  const place = { studyUid: study.studyInstanceUid, partition: study.partition.name };
  const series = study.series.edges.map(({ node }) => node);
  const chosen = series.find((one) => one.seriesInstanceUid === search.series) ?? series[0];
  return (
    <>
      <PageTitle title={study.studyDescription || 'Study'}>
        <Group gap="xs">
          {isKnown && may('view_phi') && (
            <Button component="a" variant="default" download href={zipOf(place)}>
              Download as ZIP
            </Button>
          )}
          <Button
            renderRoot={(props) => (
              <Link
                to="/studies/$studyUid/viewer"
                params={{ studyUid: study.studyInstanceUid }}
                search={search}
                {...props}
              />
            )}
          >
            Open in the viewer
          </Button>
        </Group>
      </PageTitle>
      <Stack>
        <StudyFacts study={study} />
        <StudyRecord {...place} />
        <Card
          title="Series"
          aside={
            <Text size="sm" c="dimmed">
              {counted(study.numberOfStudyRelatedSeries ?? 0, 'series', 'series')},{' '}
              {counted(study.numberOfStudyRelatedInstances ?? 0, 'instance')}
            </Text>
          }
        >
          <SimpleGrid cols={{ base: 2, sm: 3, lg: 5 }} role="group" aria-label="Series">
            {series.map((one) => (
              <SeriesCard
                key={one.id}
                studyUid={study.studyInstanceUid}
                partition={study.partition.name}
                series={one}
                isChosen={one === chosen}
                onChoose={() => change({ series: one.seriesInstanceUid })}
              />
            ))}
          </SimpleGrid>
          {study.series.pageInfo.hasNextPage && (
            <Group justify="center" mt="sm">
              <Text size="sm" c="dimmed">
                The first {series.length} series are shown; the viewer shows all.
              </Text>
            </Group>
          )}
        </Card>
        {chosen === undefined ? (
          <Empty title="The study has no series" />
        ) : (
          <Tags
            key={chosen.id}
            studyUid={study.studyInstanceUid}
            partition={study.partition.name}
            series={chosen}
          />
        )}
      </Stack>
    </>
  );
}
