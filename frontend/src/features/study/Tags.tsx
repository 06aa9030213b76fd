import { Button, CopyButton, Group, NativeSelect, Text, TextInput } from '@mantine/core';
import { useDeferredValue, useMemo, useState } from 'react';
import { useGraph } from '~/api/useGraph';
import { counted } from '~/domain/amount';
import { asText, matches, wordsOf } from '~/domain/tagRows';
import { Card } from '~/ui/Card';
import { Empty } from '~/ui/Empty';
import { Shown } from '~/ui/Shown';
import { TagTable } from '~/ui/TagTable';
import { INSTANCES, type SeriesOfPage } from './queries';
import { useTags } from './useTags';

interface Props {
  readonly studyUid: string;
  readonly partition: string;
  readonly series: SeriesOfPage;
}

/** All that the instances of a series say, to be searched and copied. */
export function Tags({ studyUid, partition, series }: Props) {
  const uid = series.seriesInstanceUid;
  const asked = useGraph(INSTANCES, { variables: { uid, partition, after: null } });
  const [chosen, choose] = useState<string>();
  return (
    <Card title={`Tags of ${series.seriesDescription || 'the series'}`}>
      <Shown asked={asked} label="Loading the instances">
        {({ series: found }) => {
          const instances = found.edges[0]?.node.instances.edges.map(({ node }) => node) ?? [];
          const first = instances[0];
          if (first === undefined) {
            return <Empty title="The series has no instances" />;
          }
          const sopUid = chosen ?? first.sopInstanceUid;
          return (
            <>
              <NativeSelect
                label="Instance"
                size="xs"
                maw={420}
                mb="sm"
                value={sopUid}
                onChange={(event) => choose(event.currentTarget.value)}
                data={instances.map((one) => ({
                  value: one.sopInstanceUid,
                  label: `${one.instanceNumber ?? '–'}: ${one.sopInstanceUid}`,
                }))}
              />
              <TagsOf place={{ studyUid, partition, seriesUid: uid }} sopUid={sopUid} />
            </>
          );
        }}
      </Shown>
    </Card>
  );
}

interface TagsOfProps {
  readonly place: {
    readonly studyUid: string;
    readonly partition: string;
    readonly seriesUid: string;
  };
  readonly sopUid: string;
}

function TagsOf({ place, sopUid }: TagsOfProps) {
  const asked = useTags(place, sopUid);
  const [text, setText] = useState('');
  const words = useDeferredValue(text);
  const rows = asked.data;
  const shown = useMemo(() => {
    const wanted = wordsOf(words);
    return rows?.filter((row) => matches(row, wanted)) ?? [];
  }, [rows, words]);
  return (
    <Shown asked={asked} label="Loading tags" rows={8}>
      {() => (
        <>
          <Group gap="xs" mb="sm" align="end">
            <TextInput
              label="Search tags"
              placeholder="Name, number or value"
              size="xs"
              w={260}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
            />
            <CopyButton value={asText(shown)}>
              {({ copied, copy }) => (
                <Button size="xs" variant="default" onClick={copy}>
                  {copied ? 'Copied' : 'Copy all shown'}
                </Button>
              )}
            </CopyButton>
            <Text size="xs" c="dimmed" role="status">
              {counted(shown.length, 'tag')}
            </Text>
          </Group>
          {shown.length === 0 ? (
            <Empty title="No tag matches">Search for less.</Empty>
          ) : (
            <TagTable rows={shown} />
          )}
        </>
      )}
    </Shown>
  );
}
