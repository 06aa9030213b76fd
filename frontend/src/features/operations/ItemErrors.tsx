import { Button, List, Text } from '@mantine/core';
import { graphql } from '~/api/generated';
import type { ItemErrorsPageQuery } from '~/api/generated/graphql';
import { type Connection, usePages } from '~/api/usePages';
import { FaultView } from '~/ui/FaultView';
import { Loading } from '~/ui/Loading';

const ERRORS = graphql(`
  query ItemErrorsPage($id: ID!, $first: Int!, $after: String) {
    node(id: $id) {
      id
      ... on Operation {
        itemErrors(first: $first, after: $after) {
          pageInfo {
            hasNextPage
            endCursor
          }
          edges {
            node {
              item
              error
            }
          }
        }
      }
    }
  }
`);

interface ItemError {
  readonly item: string;
  readonly error: string;
}

const PAGE_SIZE = 50;
const NONE: Connection<ItemError> = { edges: [], pageInfo: { hasNextPage: false } };

/** The items that an operation could not do, and why. */
export function ItemErrors({ id }: { readonly id: string }) {
  const pages = usePages(ERRORS, { id, first: PAGE_SIZE }, errorsOf);
  const { rows, fault, isLoading, isLoadingMore, hasMore, loadMore, reload } = pages;
  if (fault !== undefined && rows.length === 0) {
    return <FaultView fault={fault} onTryAgain={reload} />;
  }
  if (isLoading) {
    return <Loading label="Loading what could not be done" rows={2} />;
  }
  return (
    <>
      <List
        size="sm"
        mt={4}
        aria-label="What could not be done"
        style={{ overflowWrap: 'anywhere' }}
      >
        {rows.map(({ item, error }) => (
          <List.Item key={item}>
            <Text size="sm" component="bdi" ff="monospace" lineClamp={3}>
              {item}
            </Text>
            <Text size="sm" component="div" c="dimmed" lineClamp={3}>
              <bdi>{error}</bdi>
            </Text>
          </List.Item>
        ))}
      </List>
      {hasMore && (
        <Button
          size="compact-xs"
          variant="default"
          mt={4}
          onClick={loadMore}
          loading={isLoadingMore}
        >
          More
        </Button>
      )}
    </>
  );
}

function errorsOf({ node }: ItemErrorsPageQuery): Connection<ItemError> {
  return node && 'itemErrors' in node ? node.itemErrors : NONE;
}
