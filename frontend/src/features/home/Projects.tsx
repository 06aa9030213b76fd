import { Anchor, List, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { graphql } from '~/api/generated';
import { useGraph } from '~/api/useGraph';
import { searchOfPlace } from '~/domain/placeSearch';
import { Card } from '~/ui/Card';
import { Empty } from '~/ui/Empty';
import { Shown } from '~/ui/Shown';

const PROJECTS = graphql(`
  query HomeProjects {
    projects(first: 50) {
      edges {
        node {
          id
          name
          description
          partition {
            name
          }
        }
      }
    }
  }
`);

/** The projects that the account sees. */
export function Projects() {
  const asked = useGraph(PROJECTS, { variables: {} });
  return (
    <Card title="My projects">
      <Shown asked={asked} label="Loading projects">
        {({ projects }) =>
          projects.edges.length === 0 ? (
            <Empty title="No project is open to you">
              Whoever owns a project can open it to you.
            </Empty>
          ) : (
            <List listStyleType="none" spacing="xs">
              {projects.edges.map(({ node }) => (
                <List.Item key={node.id}>
                  <Anchor
                    fw={600}
                    style={{ overflowWrap: 'anywhere' }}
                    renderRoot={(props) => (
                      <Link
                        to="/studies"
                        search={{ project: node.name, ...searchOfPlace(node.partition.name) }}
                        {...props}
                      />
                    )}
                  >
                    <bdi>{node.name}</bdi>
                  </Anchor>
                  <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
                    <bdi>{node.description}</bdi>
                  </Text>
                </List.Item>
              ))}
            </List>
          )
        }
      </Shown>
    </Card>
  );
}
