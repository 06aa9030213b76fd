import { Button, Chip, Group, SegmentedControl, Switch } from '@mantine/core';
import { LANE_TITLES, LANES, type Lane } from '~/domain/timeline/event';
import { lanesOf, type TimelinePlace, writeLanes } from '~/domain/timeline/place';
import { panned, zoomed } from '~/domain/timeline/scale';
import type { Change } from './usePlace';
import type { ViewState } from './useView';

const ZOOM = 1.6;
const PAN = 0.3;

interface Props extends ViewState {
  readonly place: TimelinePlace;
  readonly change: Change;
  /** How many events each lane has. */
  readonly counts: ReadonlyMap<Lane, number>;
  readonly hasUncounted: boolean;
}

/** Which lanes and days are shown, and how. */
export function Toolbar(props: Props) {
  const { place, change, counts, hasUncounted, view, whole, isWhole, show } = props;
  const lanes = lanesOf(place);
  const isTable = place.as === 'table';
  const middle = (view.from + view.to) / 2;
  const move = (part: number) => show(panned(view, part * (view.to - view.from), whole));
  const toggle = (lane: Lane) => {
    const next = new Set(lanes);
    if (!next.delete(lane)) {
      next.add(lane);
    }
    change({ lanes: writeLanes(next) });
  };
  return (
    <Group justify="space-between" gap="xs" mb="xs">
      <Group gap={6} role="group" aria-label="What is shown">
        {LANES.filter((lane) => counts.has(lane)).map((lane) => (
          <Chip
            key={lane}
            size="xs"
            variant="outline"
            checked={lanes.has(lane)}
            onChange={() => toggle(lane)}
          >
            {LANE_TITLES[lane]} {counts.get(lane)}
          </Chip>
        ))}
      </Group>
      <Group gap="sm" ml="auto">
        {hasUncounted && (
          <Switch
            size="xs"
            label="Also not done or wrong"
            checked={place.all === '1'}
            onChange={(event) => change({ all: event.currentTarget.checked ? '1' : '' })}
          />
        )}
        {!isTable && (
          <Button.Group>
            <Tool label="Earlier" text="◀" onClick={() => move(-PAN)} isOff={isWhole} />
            <Tool
              label="Zoom out"
              text="−"
              onClick={() => show(zoomed(view, ZOOM, middle, whole))}
              isOff={isWhole}
            />
            <Tool label="Show all days" text="All" onClick={() => show(whole)} isOff={isWhole} />
            <Tool
              label="Zoom in"
              text="+"
              onClick={() => show(zoomed(view, 1 / ZOOM, middle, whole))}
            />
            <Tool label="Later" text="▶" onClick={() => move(PAN)} isOff={isWhole} />
          </Button.Group>
        )}
        <SegmentedControl
          size="xs"
          aria-label="Shown as"
          value={isTable ? 'table' : 'chart'}
          data={[
            { value: 'chart', label: 'Chart' },
            { value: 'table', label: 'Table' },
          ]}
          onChange={(as) => change({ as: as === 'table' ? as : '' })}
        />
      </Group>
    </Group>
  );
}

interface ToolProps {
  readonly label: string;
  readonly text: string;
  readonly onClick: () => void;
  readonly isOff?: boolean;
}

function Tool({ label, text, onClick, isOff = false }: ToolProps) {
  return (
    <Button
      size="xs"
      variant="default"
      px={10}
      aria-label={label}
      title={label}
      disabled={isOff}
      onClick={onClick}
    >
      {text}
    </Button>
  );
}
