import { Button, Group } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Pages } from '~/api/usePages';
import { Empty } from '~/ui/Empty';
import { FaultView } from '~/ui/FaultView';
import { Loading } from '~/ui/Loading';

interface Props<Row> {
  readonly pages: Pages<Row>;
  readonly name: string;
  readonly onAskAnew: () => void;
  readonly children: (rows: readonly Row[]) => ReactNode;
}

/** A list page by page; of an answer that was forgotten it says so. */
export function Pager<Row>({ pages, name, onAskAnew, children }: Props<Row>) {
  const { rows, hasMore, isLoading, isLoadingMore, fault, loadMore, reload } = pages;
  if (fault !== undefined && (fault.code === 'NOT_FOUND' || fault.code === 'GONE')) {
    return (
      <Empty title="The portal has forgotten this answer">
        <Button size="xs" mt="xs" onClick={onAskAnew}>
          Ask anew
        </Button>
      </Empty>
    );
  }
  if (fault !== undefined) {
    return <FaultView fault={fault} onTryAgain={reload} />;
  }
  if (rows.length === 0) {
    return isLoading ? (
      <Loading label={`Loading ${name.toLowerCase()}`} rows={6} />
    ) : (
      <Empty title={`No ${name.toLowerCase()}`}>Nothing of them is known that you may see.</Empty>
    );
  }
  return (
    <>
      {children(rows)}
      {hasMore && (
        <Group justify="center" mt="sm">
          <Button size="xs" variant="default" loading={isLoadingMore} onClick={loadMore}>
            Show more
          </Button>
        </Group>
      )}
    </>
  );
}
