import { SimpleGrid, Text } from '@mantine/core';
import { readableDate, readableTime } from '~/domain/dicomDate';
import { readableName } from '~/domain/personName';
import { DEFAULT_PARTITION } from '~/domain/placeSearch';
import { Card } from '~/ui/Card';
import { CopyText } from '~/ui/CopyText';
import type { StudyOfPage } from './queries';

/** What a study says of itself and of its patient; what it does not say is left out. */
export function StudyFacts({ study }: { readonly study: StudyOfPage }) {
  const when = [readableDate(study.studyDate), readableTime(study.studyTime)];
  const partition = study.partition.name;
  const facts: readonly (readonly [string, string])[] = [
    ['Patient', readableName(study.patientName)],
    ['Patient ID', study.patientId ?? ''],
    ['Issuer', study.issuerOfPatientId ?? ''],
    ['Born', readableDate(study.patientBirthDate)],
    ['Sex', study.patientSex ?? ''],
    ['Date', when.filter(Boolean).join(' ')],
    ['Accession number', study.accessionNumber ?? ''],
    ['Study ID', study.studyId ?? ''],
    ['Referring physician', readableName(study.referringPhysicianName)],
    ['Modalities', study.modalitiesInStudy.join(', ')],
    ['Partition', partition === DEFAULT_PARTITION ? '' : partition],
  ];
  return (
    <Card title="Study">
      <SimpleGrid component="dl" cols={{ base: 2, sm: 3, lg: 5 }} spacing="sm" m={0}>
        {facts
          .filter(([, value]) => value)
          .map(([label, value]) => (
            <div key={label}>
              <Text component="dt" size="xs" c="dimmed">
                {label}
              </Text>
              <Text component="dd" size="sm" m={0} style={{ overflowWrap: 'anywhere' }}>
                <bdi>{value}</bdi>
              </Text>
            </div>
          ))}
      </SimpleGrid>
      <CopyText label="StudyInstanceUID" text={study.studyInstanceUid} />
    </Card>
  );
}
