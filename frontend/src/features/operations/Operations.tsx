import { Badge, Button, Group, Paper, Progress, Stack, Text } from '@mantine/core';
import { graphql } from '~/api/generated';
import type { OperationsPageQuery } from '~/api/generated/graphql';
import { usePages } from '~/api/usePages';
import { counted } from '~/domain/amount';
import { isOpen, STATE_WORDS } from '~/domain/operation';
import { Empty } from '~/ui/Empty';
import { FaultView } from '~/ui/FaultView';
import { Loading } from '~/ui/Loading';
import { Moment } from '~/ui/Moment';
import { PageTitle } from '~/ui/PageTitle';
import { useFollowed } from './useFollowed';

const OPERATIONS = graphql(`
  query OperationsPage($first: Int!, $after: String) {
    operations(first: $first, after: $after) {
      pageInfo {
        hasNextPage
        endCursor
      }
      edges {
        node {
          id
          operationId
          kind
          state
          percent
          startedBy
          createdAt
          updatedAt
          error
          numberOfErrors
        }
      }
    }
  }
`);

type Operation = OperationsPageQuery['operations']['edges'][number]['node'];

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

function Entry({ operation: listed }: { readonly operation: Operation }) {
  const followed = useFollowed(listed.operationId, isOpen(listed.state));
  const operation = followed ?? listed;
  const { kind, state, percent, error, numberOfErrors } = operation;
  return (
    <Paper component="li" withBorder p="sm">
      <Group justify="space-between" wrap="nowrap">
        <Text fw={600}>{kind}</Text>
        <Badge variant="default" color="gray">
          {STATE_WORDS[state]}
        </Badge>
      </Group>
      <Text size="sm" c="dimmed">
        {listed.startedBy}, <Moment at={listed.createdAt} />
        {numberOfErrors > 0 && `, ${counted(numberOfErrors, 'item')} could not be done`}
      </Text>
      {isOpen(state) && (
        <Group gap="xs" wrap="nowrap" mt={4}>
          <Progress value={percent} flex={1} aria-label={`Progress of ${kind}`} />
          <Text size="xs">{percent} %</Text>
        </Group>
      )}
      {error && (
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          {error}
        </Text>
      )}
    </Paper>
  );
}
