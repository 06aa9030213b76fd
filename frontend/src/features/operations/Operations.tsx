import { Button, Group, Stack } from '@mantine/core';
import { graphql } from '~/api/generated';
import { usePages } from '~/api/usePages';
import { Empty } from '~/ui/Empty';
import { FaultView } from '~/ui/FaultView';
import { Loading } from '~/ui/Loading';
import { PageTitle } from '~/ui/PageTitle';
import { Entry } from './Entry';

const OPERATIONS = graphql(`
  query OperationsPage($first: Int!, $after: String) {
    operations(first: $first, after: $after) {
      pageInfo {
        hasNextPage
        endCursor
      }
      edges {
        node {
          ...OperationNow
          startedBy
          createdAt
        }
      }
    }
  }
`);

const PAGE = { first: 30 } as const;

/** Long work: how far it is, as it goes on. */
export function Operations() {
  const pages = usePages(OPERATIONS, PAGE, ({ operations }) => operations);
  const { rows, isLoading, isLoadingMore, hasMore, fault, loadMore, reload } = pages;
  return (
    <>
      <PageTitle title="Operations">
        <Button size="xs" variant="default" onClick={reload} loading={isLoading}>
          Look anew
        </Button>
      </PageTitle>
      {fault !== undefined && <FaultView fault={fault} onTryAgain={reload} />}
      {isLoading && rows.length === 0 && <Loading label="Loading operations" />}
      {!isLoading && fault === undefined && rows.length === 0 && (
        <Empty title="There is no long work of yours">Imports and exports show up here.</Empty>
      )}
      <Stack component="ul" gap="xs" p={0} m={0} style={{ listStyle: 'none' }}>
        {rows.map((operation) => (
          <Entry key={operation.id} operation={operation} />
        ))}
      </Stack>
      {hasMore && (
        <Group justify="center" mt="md">
          <Button variant="default" size="xs" onClick={loadMore} loading={isLoadingMore}>
            Older ones
          </Button>
        </Group>
      )}
    </>
  );
}
