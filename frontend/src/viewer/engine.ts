import {
  Enums,
  eventTarget,
  init as initCore,
  RenderingEngine,
  type StackViewport,
} from '@cornerstonejs/core';
import { init as initLoader, wadors } from '@cornerstonejs/dicom-image-loader';
import type { DataSet } from '~/domain/dataSet';

/** An image of a stack: where its pixels are, and what is known of it. */
export interface StackImage {
  /** The address of its frame. */
  readonly address: string;
  readonly metadata: DataSet;
}

/** The same, as the library declares it: DICOM JSON that it may not change either. */
type Metadata = Parameters<typeof wadors.metaDataManager.add>[1];

export interface Shown {
  /** Which image, from 0. */
  readonly index: number;
  /** The window: what is black and what is white; undefined for colours. */
  readonly window: { readonly center: number; readonly width: number } | undefined;
}

export interface Stack {
  readonly scroll: (steps: number) => void;
  /** Changes the window by a drag of so many pixels. */
  readonly drag: (across: number, down: number) => void;
  readonly reset: () => void;
  readonly destroy: () => void;
}

interface Listeners {
  readonly onShown: (shown: Shown) => void;
  readonly onFailed: () => void;
}

const WORKERS = 1; // one image at a time is looked at

/**
 * Shows images in an element, the one in the middle first.
 *
 * Where there is no WebGL the library draws by itself.
 */
export async function showStack(
  element: HTMLDivElement,
  images: readonly StackImage[],
  { onShown, onFailed }: Listeners,
): Promise<Stack> {
  const engine = await start();
  made += 1;
  const viewportId = `stack ${made}`;
  engine.enableElement({ viewportId, type: Enums.ViewportType.STACK, element });
  const viewport = engine.getViewport(viewportId) as StackViewport;
  const ids = images.map(({ address, metadata }) => {
    const id = `wadors:${address}`;
    wadors.metaDataManager.add(id, metadata as unknown as Metadata);
    return id;
  });
  const tell = () =>
    onShown({ index: viewport.getCurrentImageIdIndex(), window: windowOf(viewport) });
  const resized = new ResizeObserver(() => engine.resize(true));
  element.addEventListener(Enums.Events.STACK_NEW_IMAGE, tell);
  element.addEventListener(Enums.Events.VOI_MODIFIED, tell);
  eventTarget.addEventListener(Enums.Events.IMAGE_LOAD_ERROR, onFailed);
  eventTarget.addEventListener(Enums.Events.IMAGE_LOAD_FAILED, onFailed);
  resized.observe(element);
  void viewport.setStack(ids, Math.floor(ids.length / 2)).then(
    () => {
      viewport.render();
      tell();
    },
    () => onFailed(),
  );
  return {
    scroll: (steps) => viewport.scroll(steps, true, false),
    drag: (across, down) => changeWindow(viewport, across, down),
    reset: () => {
      viewport.resetProperties();
      viewport.resetCamera();
      viewport.render();
    },
    destroy: () => {
      resized.disconnect();
      eventTarget.removeEventListener(Enums.Events.IMAGE_LOAD_ERROR, onFailed);
      eventTarget.removeEventListener(Enums.Events.IMAGE_LOAD_FAILED, onFailed);
      engine.disableElement(viewportId);
    },
  };
}

let made = 0;
let started: Promise<RenderingEngine> | undefined;

/**
 * Starts the library, once for the page: it knows of no other way.
 *
 * One engine with one context draws all: browsers have 16 at most, and free them late.
 */
function start(): Promise<RenderingEngine> {
  const settings = { debug: {}, rendering: { webGlContextCount: 1 } };
  started ??= Promise.resolve(initCore(settings)).then(() => {
    initLoader({ maxWebWorkers: WORKERS });
    return new RenderingEngine();
  });
  return started;
}

function windowOf(viewport: StackViewport): Shown['window'] {
  const range = viewport.getProperties().voiRange;
  // Null as well, against what the library declares, before there is an image.
  if (!range || viewport.getCornerstoneImage()?.color) {
    return undefined;
  }
  // The other way round from DICOM PS3.3 C.11.2.1.2.1: the ends belong to the window.
  return { center: (range.upper + range.lower + 1) / 2, width: range.upper - range.lower + 1 };
}

/** A drag as wide as the picture goes through all grey levels of the image. */
function changeWindow(viewport: StackViewport, across: number, down: number): void {
  const window = windowOf(viewport);
  const image = viewport.getCornerstoneImage();
  if (window === undefined || image === undefined) {
    return;
  }
  const slope = image.slope || 1;
  const levels = Math.max(1, (image.maxPixelValue - image.minPixelValue) * slope);
  const step = levels / Math.max(1, viewport.canvas.clientWidth);
  const width = Math.max(1, window.width + across * step);
  const center = window.center + down * step;
  const lower = center - width / 2;
  viewport.setProperties({ voiRange: { lower, upper: lower + width - 1 } });
  viewport.render();
}
