import { Badge, Group, SimpleGrid, Stack, Text } from '@mantine/core';
import { ageOf, deathOf, namesOf, sexOf, sourceWords } from '~/domain/patientWords';
import { joined } from '~/domain/plainText';
import { today } from '~/domain/timeline/days';
import { PageTitle } from '~/ui/PageTitle';
import type { PatientOfPage } from './queries';

/** Who a patient is: names in all scripts, age, sex, identifiers, where it is from. */
export function PatientHead({ patient }: { readonly patient: PatientOfPage }) {
  const { main, others } = namesOf(patient.names);
  const age = ageOf(patient, today());
  const death = deathOf(patient);
  const facts: readonly (readonly [string, string])[] = [
    ['Also called', joined(others, ' · ')],
    ['Sex', sexOf(patient.sex)],
    ['Born', patient.birthDate ?? ''],
    [death ? 'Age at death' : 'Age', age],
    ...patient.identifiers
      .slice(0, 6)
      .map(({ system, value, type }) => [type || shortSystem(system), value] as const),
  ];
  return (
    <Stack gap="xs" mb="md">
      <PageTitle title={main}>
        <Group gap="xs">
          {death && (
            <Badge variant="filled" color="gray.7" tt="none">
              {death}
            </Badge>
          )}
          {patient.sources.map((source) => (
            <Badge key={source} variant="default" tt="none" fw={500} title={source}>
              {sourceWords(source)}
            </Badge>
          ))}
        </Group>
      </PageTitle>
      <SimpleGrid component="dl" cols={{ base: 2, sm: 3, lg: 6 }} spacing="sm" m={0} mt={-8}>
        {facts
          .filter(([, value]) => value)
          .map(([label, value]) => (
            <div key={`${label} ${value}`}>
              <Text component="dt" size="xs" c="dimmed" truncate title={label}>
                <bdi>{label}</bdi>
              </Text>
              <Text component="dd" size="sm" m={0} style={{ overflowWrap: 'anywhere' }}>
                <bdi>{value}</bdi>
              </Text>
            </div>
          ))}
      </SimpleGrid>
    </Stack>
  );
}

/** Returns the end of an address of an identifier system, which tells most. */
function shortSystem(system: string | null | undefined): string {
  const parts = (system ?? '').split(/[/:]/).filter(Boolean);
  return parts.at(-1) || 'Identifier';
}
