import { Anchor, Progress, Stack, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { graphql } from '~/api/generated';
import { useGraph } from '~/api/useGraph';
import { isOpen, STATE_WORDS } from '~/domain/operation';
import { Card } from '~/ui/Card';
import { Empty } from '~/ui/Empty';
import { Shown } from '~/ui/Shown';

const OPERATIONS = graphql(`
  query HomeOperations {
    operations(first: 20) {
      edges {
        node {
          id
          kind
          state
          percent
        }
      }
    }
  }
`);

/** Long work that has not ended. */
export function RunningOperations() {
  const asked = useGraph(OPERATIONS, { variables: {} });
  return (
    <Card
      title="Under way"
      aside={
        <Anchor component={Link} to="/operations" size="sm">
          All operations
        </Anchor>
      }
    >
      <Shown asked={asked} label="Loading operations">
        {({ operations }) => {
          const open = operations.edges.filter(({ node }) => isOpen(node.state));
          return open.length === 0 ? (
            <Empty title="Nothing is under way">Imports and exports show up here.</Empty>
          ) : (
            <Stack gap="xs">
              {open.map(({ node }) => (
                <div key={node.id}>
                  <Text size="sm">
                    {node.kind}: {STATE_WORDS[node.state].toLowerCase()}, {node.percent} %
                  </Text>
                  <Progress value={node.percent} aria-label={`Progress of ${node.kind}`} />
                </div>
              ))}
            </Stack>
          );
        }}
      </Shown>
    </Card>
  );
}
