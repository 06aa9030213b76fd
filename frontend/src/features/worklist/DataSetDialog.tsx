import { Modal } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useGraph } from '~/api/useGraph';
import type { DataSet } from '~/domain/dataSet';
import { tagRows } from '~/domain/tagRows';
import { Empty } from '~/ui/Empty';
import { Shown } from '~/ui/Shown';
import { TagTable } from '~/ui/TagTable';
import { DATA_SET } from './queries';

interface Props {
  readonly uid: string;
  readonly partition: string;
  readonly onClose: () => void;
}

/** All that a workitem says, as tags. */
export function DataSetDialog({ uid, partition, onClose }: Props) {
  const asked = useGraph(DATA_SET, { variables: { uid, partition } });
  return (
    <Modal
      opened
      onClose={onClose}
      size="xl"
      title="All that the workitem says"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Shown asked={asked} label="Loading the data set" rows={8}>
        {({ workitem }) =>
          workitem ? (
            <Rows dataSet={workitem.dicomJson as DataSet} />
          ) : (
            <Empty title="There is no such workitem that you may see" />
          )
        }
      </Shown>
    </Modal>
  );
}

function Rows({ dataSet }: { readonly dataSet: DataSet }) {
  // The dictionary is large, and needed here only.
  const { data } = useQuery({
    queryKey: ['dictionary'],
    queryFn: () => import('~/domain/dictionary'),
  });
  const rows = useMemo(() => tagRows(dataSet, data?.nameOf ?? nothing), [dataSet, data]);
  return <TagTable rows={rows} />;
}

function nothing(): undefined {
  return undefined;
}
