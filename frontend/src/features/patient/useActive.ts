import { type KeyboardEvent, useMemo, useState } from 'react';
import type { TimelineEvent } from '~/domain/timeline/event';
import { panned, showing, zoomed } from '~/domain/timeline/scale';
import type { Track } from '~/domain/timeline/tracks';
import type { ViewState } from './useView';

const ZOOM = 1.5;
const PAN = 0.2;

interface Active {
  readonly track: Track;
  readonly event: TimelineEvent;
  readonly at: number;
}

interface Options extends ViewState {
  readonly tracks: readonly Track[];
  readonly onOpen: (event: TimelineEvent) => void;
  readonly onChoose: (event: TimelineEvent) => void;
  readonly onLeave: () => void;
}

interface ActiveState {
  readonly active: Active | undefined;
  readonly press: (event: KeyboardEvent) => void;
  readonly go: (track: Track, event: TimelineEvent) => void;
}

/** Keeps the mark that the keys are at, and what the keys do. */
export function useActive(options: Options): ActiveState {
  const { tracks, view, whole, show, onOpen, onChoose, onLeave } = options;
  const [place, setPlace] = useState<{ readonly track: string; readonly key: string }>();
  const active = useMemo(() => found(tracks, place), [tracks, place]);
  const go = (track: Track | undefined, event: TimelineEvent | undefined) => {
    if (track !== undefined && event?.start !== undefined) {
      setPlace({ track: track.key, key: event.key });
      show(showing(view, event.start[0], whole));
    }
  };
  const first = () => {
    const track = tracks[0];
    go(track, track && nearest(track, (view.from + view.to) / 2));
  };
  const along = (step: number) => {
    if (active === undefined) {
      first();
    } else {
      go(active.track, active.track.events[active.at + step]);
    }
  };
  const across = (step: number) => {
    if (active === undefined) {
      first();
    } else {
      const track = tracks[tracks.indexOf(active.track) + step];
      go(track, track && nearest(track, active.event.start?.[0] ?? 0));
    }
  };
  const middle = active?.event.start?.[0] ?? (view.from + view.to) / 2;
  const deeds: ReadonlyMap<string, () => void> = new Map([
    ['ArrowLeft', () => along(-1)],
    ['ArrowRight', () => along(1)],
    ['ArrowUp', () => across(-1)],
    ['ArrowDown', () => across(1)],
    ['Home', () => go(active?.track, active?.track.events[0])],
    ['End', () => go(active?.track, active?.track.events.at(-1))],
    ['Shift+ArrowLeft', () => show(panned(view, -PAN * (view.to - view.from), whole))],
    ['Shift+ArrowRight', () => show(panned(view, PAN * (view.to - view.from), whole))],
    ['+', () => show(zoomed(view, 1 / ZOOM, middle, whole))],
    ['=', () => show(zoomed(view, 1 / ZOOM, middle, whole))],
    ['-', () => show(zoomed(view, ZOOM, middle, whole))],
    ['0', () => show(whole)],
    ['Enter', () => (active ? onOpen(active.event) : first())],
    [' ', () => (active ? onChoose(active.event) : first())],
    ['Escape', onLeave],
  ]);
  const press = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || event.altKey || event.ctrlKey || event.metaKey) {
      return;
    }
    const isShifted = event.shiftKey && event.key.startsWith('Arrow');
    const deed = deeds.get(isShifted ? `Shift+${event.key}` : event.key);
    if (deed !== undefined) {
      event.preventDefault();
      deed();
    }
  };
  return { active, press, go };
}

function found(
  tracks: readonly Track[],
  place: { readonly track: string; readonly key: string } | undefined,
): Active | undefined {
  const track = tracks.find(({ key }) => key === place?.track);
  const at = track?.events.findIndex(({ key }) => key === place?.key) ?? -1;
  const event = track?.events[at];
  return track && event ? { track, event, at } : undefined;
}

function nearest({ events }: Track, day: number): TimelineEvent | undefined {
  const distance = ({ start }: TimelineEvent) => Math.abs((start?.[0] ?? 0) - day);
  let best = events[0];
  for (const event of events) {
    if (best !== undefined && distance(event) < distance(best)) {
      best = event;
    }
  }
  return best;
}
