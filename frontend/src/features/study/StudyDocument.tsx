import { Anchor, Group, Text } from '@mantine/core';
import { joined } from '~/domain/plainText';
import classes from './StudyRecord.module.css';

interface Props {
  readonly document: {
    readonly start?: string | null;
    readonly description?: string | null;
    readonly text: string;
    readonly code?: { readonly text?: string | null } | null;
    readonly attachments: readonly { readonly url?: string | null }[];
  };
}

const OPENED = /^https?:\/\//;

/** A document of a study: what it says, and where it can be had. */
export function StudyDocument({ document }: Props) {
  const { start, description, text, code, attachments } = document;
  const addresses = attachments.flatMap(({ url }) => (url && OPENED.test(url) ? [url] : []));
  const title = description || code?.text || 'Document';
  const words = text === description ? '' : text;
  return (
    <section aria-label="Document">
      <Group gap="xs" mb={4}>
        <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
          <bdi>{title}</bdi>
        </Text>
        <Text size="xs" c="dimmed">
          {joined(['Document', start?.slice(0, 10)], ', ')}
        </Text>
        {addresses.map((url) => (
          <Anchor key={url} size="xs" href={url} target="_blank" rel="noreferrer">
            Open
          </Anchor>
        ))}
      </Group>
      {words && <p className={classes.words}>{words}</p>}
    </section>
  );
}
