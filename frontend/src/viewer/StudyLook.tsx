import { NativeSelect } from '@mantine/core';
import { lazy, Suspense, useState } from 'react';
import { graphql } from '~/api/generated';
import type { StudyLookSeriesQuery } from '~/api/generated/graphql';
import { useGraph } from '~/api/useGraph';
import { joined } from '~/domain/plainText';
import { Empty } from '~/ui/Empty';
import { Loading } from '~/ui/Loading';
import { Shown } from '~/ui/Shown';
import { useStack } from './useStack';

// The drawing of images is larger than all the rest: it comes when somebody looks.
const Preview = lazy(async () => ({ default: (await import('./Preview')).Preview }));

const SERIES = graphql(`
  query StudyLookSeries($uid: UI!, $partition: String!) {
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

type Series = NonNullable<StudyLookSeriesQuery['study']>['series']['edges'][number]['node'];

/** What has no pixels, or none that are images by themselves. */
const NO_IMAGES: ReadonlySet<string> = new Set([
  ...['AU', 'ECG', 'DOC', 'KO', 'PLAN', 'PR', 'REG', 'RTPLAN', 'RTSTRUCT', 'RWV', 'SEG'],
  ...['SR'],
]);

interface Props {
  readonly studyUid: string;
  readonly partition: string;
}

/** The images of a study, a series at a time; its parent is a column that it fills. */
export function StudyLook({ studyUid, partition }: Props) {
  const asked = useGraph(SERIES, { variables: { uid: studyUid, partition } });
  return (
    <Shown asked={asked} label="Loading the study">
      {({ study }) => {
        const all = study?.series.edges.map(({ node }) => node) ?? [];
        const series = all.filter(({ modality }) => !NO_IMAGES.has(modality ?? ''));
        return series.length === 0 ? (
          <Empty title="There is nothing to look at">The study has no images.</Empty>
        ) : (
          <SeriesLook studyUid={studyUid} partition={partition} series={series} />
        );
      }}
    </Shown>
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
  return joined([modality, seriesNumber, seriesDescription], ' ');
}
