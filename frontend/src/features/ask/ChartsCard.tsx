import { Button, Text, UnstyledButton } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { CSSProperties } from 'react';
import { CHARTS, type ChartFilter, type ChartName, wordsOfBar } from '~/domain/ask/chartFilter';
import { readableCount, TOO_FEW, type ToldCount } from '~/domain/ask/told';
import { unturned } from '~/domain/plainText';
import { Card } from '~/ui/Card';
import classes from './Ask.module.css';
import type { Answer, ChartOfAnswer } from './queries';

const FEW = 8;
/** As many as the server tells of codes: it tells no bars that nobody has. */
const MOST_BARS = 20;
const NOBODY: ToldCount = { value: 0, text: '0', isProtected: false };
const UNKNOWN: ToldCount = { value: 0, text: '?', isProtected: false };
/** How long a bar is of which too few are there to tell. */
const UNTOLD = 2;

interface Props {
  /** The answer without filters, whose bars stand behind. */
  readonly whole: Answer;
  /** The answer to what is filtered; undefined until it is there. */
  readonly filtered: Answer | undefined;
  readonly isStale: boolean;
  readonly filters: readonly ChartFilter[];
  readonly onToggle: (filter: ChartFilter) => void;
  readonly onClear: () => void;
}

/** What the patients have how often: a click on a bar keeps those that have it. */
export function ChartsCard({ whole, filtered, isStale, filters, onToggle, onClear }: Props) {
  return (
    <Card
      title="What they have"
      aside={
        filters.length > 0 && (
          <Button size="compact-xs" variant="default" onClick={onClear}>
            Take back all filters
          </Button>
        )
      }
    >
      {whole.charts.every(({ bars }) => bars.length === 0) ? (
        <Text size="sm" c="dimmed">
          {whole.numberOfPatients.isProtected
            ? 'They are too few to draw what they have.'
            : 'There is nothing to draw.'}
        </Text>
      ) : (
        <div className={classes.charts} data-stale={isStale || undefined} aria-busy={isStale}>
          {whole.charts
            .filter(({ bars }) => bars.length > 0)
            .map((chart) => (
              <Chart
                key={chart.name}
                chart={chart}
                now={filtered ? barsOf(filtered, chart.name) : chart.bars}
                chosen={valuesOf(filters, chart.name)}
                onToggle={(value) => onToggle({ chart: chart.name, value })}
              />
            ))}
        </div>
      )}
    </Card>
  );
}

function barsOf({ charts }: Answer, chart: ChartName): ChartOfAnswer['bars'] {
  return charts.find(({ name }) => name === chart)?.bars ?? [];
}

function valuesOf(filters: readonly ChartFilter[], name: ChartName): ReadonlySet<string> {
  return new Set(filters.filter(({ chart }) => chart === name).map(({ value }) => value));
}

/** Returns what is told of a value of which there is no bar now. */
function missing(before: ToldCount, bars: number): ToldCount {
  if (before.isProtected) {
    return TOO_FEW;
  }
  return bars < MOST_BARS ? NOBODY : UNKNOWN;
}

interface ChartProps {
  readonly chart: ChartOfAnswer;
  /** Its bars of what is filtered. */
  readonly now: ChartOfAnswer['bars'];
  readonly chosen: ReadonlySet<string>;
  readonly onToggle: (value: string) => void;
}

function Chart({ chart: { name, bars }, now, chosen, onToggle }: ChartProps) {
  const [isLong, { toggle }] = useDisclosure(false);
  const title = CHARTS.find((each) => each.name === name)?.title ?? name;
  const most = Math.max(1, ...bars.map(({ numberOfPatients }) => numberOfPatients.value ?? UNTOLD));
  const shown = bars.filter(({ value }, at) => isLong || at < FEW || chosen.has(value));
  return (
    <div role="group" aria-label={title}>
      <Text size="xs" fw={600} c="dimmed" mb={4}>
        {title}
      </Text>
      {shown.map(({ value, label, numberOfPatients, ofAll }) => {
        const left = now.find((bar) => bar.value === value)?.numberOfPatients;
        const told = left ?? missing(numberOfPatients, now.length);
        const words = wordsOfBar(name, value, label);
        return (
          <UnstyledButton
            key={value}
            className={classes.bar}
            aria-pressed={chosen.has(value)}
            data-untold={told.value == null || undefined}
            title={`${unturned(words)}: ${readableCount(told)}; unfiltered ${readableCount(numberOfPatients)}; of all whom you see ${readableCount(ofAll)}`}
            style={
              {
                '--ghost': (numberOfPatients.value ?? UNTOLD) / most,
                '--share': (told.value ?? UNTOLD) / most,
              } as CSSProperties
            }
            onClick={() => onToggle(value)}
          >
            <bdi className={classes.barName}>{words}</bdi>
            <span className={classes.track} aria-hidden="true" />
            <span className={classes.barNumber}>
              {told.text}
              {told.text !== numberOfPatients.text && (
                <span className={classes.ghostNumber}> of {numberOfPatients.text}</span>
              )}
            </span>
          </UnstyledButton>
        );
      })}
      {bars.length > FEW && (
        <UnstyledButton
          className={classes.more}
          aria-expanded={isLong}
          aria-label={`${isLong ? 'Fewer' : 'More'} of ${title}`}
          onClick={toggle}
        >
          {isLong ? 'Fewer' : `${bars.length - FEW} more`}
        </UnstyledButton>
      )}
    </div>
  );
}
