import { Alert, Button, Group, Tabs, Text } from '@mantine/core';
import { useGraph } from '~/api/useGraph';
import { readableNumber } from '~/domain/amount';
import { type Criteria, leavesOf, listsOf } from '~/domain/ask/criteria';
import { listName } from '~/domain/ask/leafWords';
import type { PlaceSearch } from '~/domain/placeSearch';
import { Card } from '~/ui/Card';
import { FaultView } from '~/ui/FaultView';
import classes from './Ask.module.css';
import { EventTable } from './EventTable';
import { ExportMenu } from './ExportMenu';
import { PatientTable } from './PatientTable';
import { type Answer, TOTALS } from './queries';
import { useTitleOf } from './savedNames';
import { useExport } from './useExport';

const PATIENTS = 'patients';

interface Props {
  readonly answer: Answer;
  readonly criteria: Criteria;
  readonly isStale: boolean;
  readonly tab: string | undefined;
  /** What addresses of patients and studies say of their partition. */
  readonly place: PlaceSearch;
  readonly onTab: (tab: string) => void;
  readonly onAskAnew: () => void;
}

/** Who and what was found, each with its reason, for who may see it. */
export function Results({ answer, criteria, isStale, tab, place, onTab, onAskAnew }: Props) {
  const { runId: run, outputs, sight, projectName } = answer;
  const isCount = sight === 'COUNTS';
  const { data } = useGraph(TOTALS, { variables: { run }, pause: isCount });
  const exporting = useExport(run);
  const titleOf = useTitleOf();
  if (isCount) {
    return (
      <Alert color="gray" title="You see how many, and not who">
        <Text size="sm">
          Your account may count patients and not see who they are: there are no rows, and numbers
          tell about how many. Within a project that you see there are rows without names.
        </Text>
      </Alert>
    );
  }
  const lists = listsOf(outputs);
  const shown = lists.find(({ place: at }) => String(at) === tab);
  const totals = new Map(
    data?.cohortRun?.outputs.map(({ place: at, rows }) => [at, rows.totalCount]),
  );
  const titles = leavesOf(criteria.where).map(titleOf);
  return (
    <Card
      title="Answer"
      aside={
        <Group gap="xs">
          {data?.cohortRun?.hasChanged && (
            <Button size="compact-sm" variant="default" onClick={onAskAnew}>
              Changed: ask anew
            </Button>
          )}
          <ExportMenu
            exporting={exporting}
            hasStudies={lists.some(({ what }) => what === 'imaging')}
            hasNames={sight === 'NAMES'}
          />
        </Group>
      }
    >
      {exporting.fault !== undefined && <FaultView fault={exporting.fault} />}
      {sight === 'WITHOUT_NAMES' && (
        <Text size="sm" c="dimmed" role="note" mb="xs">
          Names are not shown: rows of project <bdi>{projectName}</bdi>, dates are shifted.
        </Text>
      )}
      <Tabs
        value={shown ? String(shown.place) : PATIENTS}
        onChange={(value) => onTab(value === PATIENTS ? '' : (value ?? ''))}
        keepMounted={false}
      >
        <Tabs.List>
          <Tabs.Tab value={PATIENTS}>
            <Named name="Patients" number={answer.numberOfPatients.value ?? undefined} />
          </Tabs.Tab>
          {lists.map(({ place: at, what }) => (
            <Tabs.Tab key={at} value={String(at)}>
              <Named name={listName(what)} number={totals.get(at)} />
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <div aria-busy={isStale} className={isStale ? classes.stale : undefined}>
          <Tabs.Panel value={PATIENTS} pt="sm">
            <PatientTable run={run} titles={titles} place={place} onAskAnew={onAskAnew} />
          </Tabs.Panel>
          {lists.map(({ place: at, what }) => (
            <Tabs.Panel key={at} value={String(at)} pt="sm">
              <EventTable
                run={run}
                output={at}
                name={listName(what)}
                titles={titles}
                place={place}
                onAskAnew={onAskAnew}
              />
            </Tabs.Panel>
          ))}
        </div>
      </Tabs>
    </Card>
  );
}

function Named({ name, number }: { readonly name: string; readonly number: number | undefined }) {
  return (
    <Group gap={6} wrap="nowrap">
      {name}
      {number !== undefined && (
        <Text span size="xs" c="dimmed">
          {readableNumber(number)}
        </Text>
      )}
    </Group>
  );
}
