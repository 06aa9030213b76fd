import { Anchor, Table } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { graphql } from '~/api/generated';
import { useGraph } from '~/api/useGraph';
import { readableDate } from '~/domain/dicomDate';
import { readableName } from '~/domain/personName';
import { searchOfPlace } from '~/domain/placeSearch';
import { Card } from '~/ui/Card';
import { Empty } from '~/ui/Empty';
import { Shown } from '~/ui/Shown';
import classes from './RecentStudies.module.css';

const RECENT = graphql(`
  query HomeStudies {
    studies(first: 8) {
      edges {
        node {
          id
          studyInstanceUid
          studyDate
          studyDescription
          modalitiesInStudy
          patientName {
            alphabetic
            ideographic
          }
          patientId
          partition {
            name
          }
        }
      }
    }
  }
`);

/** The studies that were stored last, of those that the account sees. */
export function RecentStudies() {
  const asked = useGraph(RECENT, { variables: {} });
  return (
    <Card
      title="Stored last"
      aside={
        <Anchor component={Link} to="/studies" size="sm">
          All studies
        </Anchor>
      }
    >
      <Shown asked={asked} label="Loading studies" rows={8}>
        {({ studies }) =>
          studies.edges.length === 0 ? (
            <Empty title="There are no studies that you may see">
              Upload some, or ask for access to those of others.
            </Empty>
          ) : (
            <Table.ScrollContainer minWidth={560}>
              <Table highlightOnHover className={classes.table}>
                <Table.Thead>
                  <Table.Tr>
                    <Table.Th>Study</Table.Th>
                    <Table.Th>Patient</Table.Th>
                    <Table.Th>Modality</Table.Th>
                    <Table.Th>Date</Table.Th>
                  </Table.Tr>
                </Table.Thead>
                <Table.Tbody>
                  {studies.edges.map(({ node }) => (
                    <Table.Tr key={node.id}>
                      <Table.Td>
                        <Anchor
                          size="sm"
                          renderRoot={(props) => (
                            <Link
                              to="/studies/$studyUid"
                              params={{ studyUid: node.studyInstanceUid }}
                              search={searchOfPlace(node.partition.name)}
                              {...props}
                            />
                          )}
                        >
                          <bdi>{node.studyDescription || 'No description'}</bdi>
                        </Anchor>
                      </Table.Td>
                      <Table.Td>
                        <bdi>{readableName(node.patientName) || node.patientId}</bdi>
                      </Table.Td>
                      <Table.Td>{node.modalitiesInStudy.join(', ')}</Table.Td>
                      <Table.Td>{readableDate(node.studyDate)}</Table.Td>
                    </Table.Tr>
                  ))}
                </Table.Tbody>
              </Table>
            </Table.ScrollContainer>
          )
        }
      </Shown>
    </Card>
  );
}
