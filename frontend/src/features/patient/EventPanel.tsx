import {
  Button,
  CloseButton,
  Group,
  Paper,
  Stack,
  Text,
  Title,
  UnstyledButton,
} from '@mantine/core';
import { useGraph } from '~/api/useGraph';
import { joined } from '~/domain/plainText';
import { type TimelineEvent, titleOf } from '~/domain/timeline/event';
import { kindOf, untilOf, whenOf } from '~/domain/timeline/table';
import { Shown } from '~/ui/Shown';
import { EVENTS } from './queries';
import { StudyPanel } from './StudyPanel';
import classes from './Timeline.module.css';

const MOST_SAME_DAY = 12;

interface Props {
  readonly event: TimelineEvent;
  readonly events: readonly TimelineEvent[];
  readonly patientId: string;
  readonly partition: string;
  readonly chosen: readonly string[];
  readonly onOpen: (event: TimelineEvent) => void;
  readonly onChoose: (event: TimelineEvent) => void;
  readonly onClose: () => void;
}

/** The event that is looked at: a study with its pictures and reports, or a resource. */
export function EventPanel(props: Props) {
  const { event, events, patientId, partition, chosen, onOpen, onChoose, onClose } = props;
  const sameDay = events.filter(
    (one) => one.key !== event.key && one.start && one.start[0] === event.start?.[0],
  );
  const [studyUid] = event.lane === 'imaging' ? event.studies : [];
  const until = untilOf(event);
  return (
    <Paper
      withBorder
      p="md"
      component="section"
      aria-label="The chosen event"
      className={classes.panel}
    >
      <Group justify="space-between" wrap="nowrap" align="start" mb="xs">
        <Title order={2} size="h5" style={{ overflowWrap: 'anywhere' }}>
          <bdi>{titleOf(event)}</bdi>
        </Title>
        <CloseButton aria-label="Close the chosen event" onClick={onClose} />
      </Group>
      <Text size="sm" c="dimmed">
        {joined([kindOf(event), until ? `${whenOf(event)} – ${until}` : whenOf(event)], ', ')}
      </Text>
      {event.status && (
        <Text size="sm" c="dimmed">
          Status: {event.status}
        </Text>
      )}
      <Stack mt="sm" gap="sm">
        {studyUid && (
          <>
            <Button
              size="xs"
              variant={chosen.includes(studyUid) ? 'filled' : 'default'}
              aria-pressed={chosen.includes(studyUid)}
              onClick={() => onChoose(event)}
            >
              {chosen.includes(studyUid) ? 'Chosen to compare' : 'Choose to compare'}
            </Button>
            <StudyPanel studyUid={studyUid} partition={partition} />
          </>
        )}
        {!studyUid && event.resource && (
          <Resource id={event.resource} patientId={patientId} partition={partition} />
        )}
        {!studyUid &&
          event.studies
            .slice(0, 3)
            .map((uid) => <StudyPanel key={uid} studyUid={uid} partition={partition} />)}
        {sameDay.length > 0 && (
          <div>
            <Text size="xs" fw={600}>
              On the same day
            </Text>
            {sameDay.slice(0, MOST_SAME_DAY).map((one) => (
              <UnstyledButton
                key={one.key}
                display="block"
                fz="sm"
                c="var(--mantine-color-anchor)"
                onClick={() => onOpen(one)}
              >
                <bdi>{joined([kindOf(one), titleOf(one)], ': ')}</bdi>
              </UnstyledButton>
            ))}
            {sameDay.length > MOST_SAME_DAY && (
              <Text size="xs" c="dimmed">
                and {sameDay.length - MOST_SAME_DAY} more
              </Text>
            )}
          </div>
        )}
      </Stack>
    </Paper>
  );
}

interface ResourceProps {
  readonly id: string;
  readonly patientId: string;
  readonly partition: string;
}

/** What a resource says beside what the time line knows of it. */
function Resource({ id, patientId, partition }: ResourceProps) {
  const asked = useGraph(EVENTS, { variables: { id: patientId, partition, ids: [id] } });
  return (
    <Shown asked={asked} label="Loading what the record says" rows={2}>
      {({ patient }) => {
        const [found] = patient?.events ?? [];
        const words = found && wordsOf(found);
        return words ? <p className={classes.words}>{words}</p> : null;
      }}
    </Shown>
  );
}

interface Quantity {
  readonly value: number;
  readonly unit?: string | null;
}

interface Told {
  readonly resourceType: string;
  readonly dosage?: string | null;
  readonly text?: string;
  readonly referenceLow?: Quantity | null;
  readonly referenceHigh?: Quantity | null;
  readonly interpretation?: { readonly text?: string | null } | null;
  readonly reasons?: readonly { readonly text?: string | null }[];
}

function wordsOf(told: Told): string {
  const { dosage, text, referenceLow, referenceHigh, interpretation, reasons } = told;
  const usual = [referenceLow?.value, referenceHigh?.value].filter((one) => one != null);
  const unit = referenceLow?.unit ?? referenceHigh?.unit ?? '';
  return [
    text,
    dosage,
    interpretation?.text,
    usual.length > 0 && `Usual: ${usual.join(' – ')} ${unit}`,
    ...(reasons?.map((reason) => reason.text) ?? []),
  ]
    .filter(Boolean)
    .join('\n');
}
