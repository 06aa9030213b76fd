import { Text, UnstyledButton } from '@mantine/core';
import { addressOf } from '~/api/dicomweb';
import { counted } from '~/domain/amount';
import { joined } from '~/domain/plainText';
import type { SeriesOfPage } from './queries';
import classes from './SeriesCard.module.css';
import { Thumbnail } from './Thumbnail';

interface Props {
  readonly studyUid: string;
  readonly partition: string;
  readonly series: SeriesOfPage;
  readonly isChosen: boolean;
  readonly onChoose: () => void;
}

/** A series with its picture; choosing it shows its tags. */
export function SeriesCard({ studyUid, partition, series, isChosen, onChoose }: Props) {
  const title = series.seriesDescription || `Series ${series.seriesNumber ?? ''}`.trim();
  const place = { partition, studyUid, seriesUid: series.seriesInstanceUid };
  return (
    <UnstyledButton className={classes.card} aria-pressed={isChosen} onClick={onChoose}>
      <Thumbnail
        address={`${addressOf(place)}/thumbnail?accept=image/jpeg`}
        words={series.modality ?? '?'}
      />
      <Text size="sm" fw={600} truncate title={title}>
        <bdi>{title}</bdi>
      </Text>
      <Text size="xs" c="dimmed" truncate>
        {joined(
          [
            series.modality,
            series.bodyPartExamined,
            counted(series.numberOfSeriesRelatedInstances ?? 0, 'instance'),
          ],
          ' · ',
        )}
      </Text>
    </UnstyledButton>
  );
}
