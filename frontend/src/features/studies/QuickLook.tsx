import { Button, CloseButton, Group, NativeSelect, Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { graphql } from '~/api/generated';
import type { QuickLookSeriesQuery } from '~/api/generated/graphql';
import { useGraph } from '~/api/useGraph';
import { readableDate } from '~/domain/dicomDate';
import { readableName } from '~/domain/personName';
import { searchOfPlace } from '~/domain/placeSearch';
import { Empty } from '~/ui/Empty';
import { Loading } from '~/ui/Loading';
import { Shown } from '~/ui/Shown';
import classes from './QuickLook.module.css';
import type { StudyRow } from './queries';
import { useStack } from './useStack';

// The drawing of images is larger than all the rest: it comes when somebody looks.
const Preview = lazy(async () => ({ default: (await import('~/viewer/Preview')).Preview }));

const SERIES = graphql(`
  query QuickLookSeries($uid: UI!, $partition: String!) {
    study(studyInstanceUid: $uid, partition: $partition) {
      id
      series(first: 100) {
        edges {
          node {
            id
            seriesInstanceUid
            seriesNumber
            modality
            seriesDescription
            numberOfSeriesRelatedInstances
          }
        }
      }
    }
  }
`);

type Series = NonNullable<QuickLookSeriesQuery['study']>['series']['edges'][number]['node'];

/** What has no pixels, or none that are images by themselves. */
const NO_IMAGES: ReadonlySet<string> = new Set([
  ...['AU', 'ECG', 'DOC', 'KO', 'PLAN', 'PR', 'REG', 'RTPLAN', 'RTSTRUCT', 'RWV', 'SEG'],
  ...['SR'],
]);

interface Props {
  readonly study: StudyRow;
  readonly onClose: () => void;
  readonly onOpen: () => void;
}

/** A look at a study beside the list, which keeps the keys. */
export function QuickLook({ study, onClose, onOpen }: Props) {
  const uid = study.studyInstanceUid;
  const partition = study.partition.name;
  const asked = useGraph(SERIES, { variables: { uid, partition } });
  const when = readableDate(study.studyDate);
  return (
    <Stack component="aside" className={classes.panel} gap="xs" aria-label="Quick look">
      <Group justify="space-between" wrap="nowrap">
        <div className={classes.title}>
          <Text fw={600} truncate>
            {study.studyDescription || 'Study'}
          </Text>
          <Text size="xs" c="dimmed" truncate>
            {[readableName(study.patientName), when].filter(Boolean).join(', ')}
          </Text>
        </div>
        <CloseButton aria-label="Close quick look" onClick={onClose} />
      </Group>
      <Shown asked={asked} label="Loading the study">
        {({ study: found }) => {
          const all = found?.series.edges.map(({ node }) => node) ?? [];
          const series = all.filter(({ modality }) => !NO_IMAGES.has(modality ?? ''));
          return series.length === 0 ? (
            <Empty title="There is nothing to look at">The study has no images.</Empty>
          ) : (
            <SeriesLook key={uid} studyUid={uid} partition={partition} series={series} />
          );
        }}
      </Shown>
      <Group grow gap="xs">
        <Button size="xs" onClick={onOpen}>
          Open in the viewer
        </Button>
        <Button
          size="xs"
          variant="default"
          renderRoot={(props) => (
            <Link
              to="/studies/$studyUid"
              params={{ studyUid: uid }}
              search={searchOfPlace(partition)}
              {...props}
            />
          )}
        >
          Study page
        </Button>
      </Group>
    </Stack>
  );
}

interface SeriesLookProps {
  readonly studyUid: string;
  readonly partition: string;
  readonly series: readonly Series[];
}

function SeriesLook({ studyUid, partition, series }: SeriesLookProps) {
  const [chosen, choose] = useState(series[0]?.seriesInstanceUid ?? '');
  const stack = useStack({ studyUid, partition, seriesUid: chosen });
  return (
    <>
      {series.length > 1 && (
        <NativeSelect
          aria-label="Series"
          size="xs"
          value={chosen}
          onChange={(event) => choose(event.currentTarget.value)}
          data={series.map((one) => ({ value: one.seriesInstanceUid, label: nameOf(one) }))}
        />
      )}
      <Shown asked={stack} label="Loading the images" rows={6}>
        {(images) =>
          images.length === 0 ? (
            <Empty title="There is nothing to look at">The series has no images.</Empty>
          ) : (
            <Suspense fallback={<Loading label="Loading the images" rows={6} />}>
              <Preview images={images} label="Images of the series" />
            </Suspense>
          )
        }
      </Shown>
    </>
  );
}

function nameOf({ modality, seriesNumber, seriesDescription }: Series): string {
  return [modality, seriesNumber, seriesDescription].filter(Boolean).join(' ');
}
