import type { WorkDetail } from './queries';

/** What every dialog about a workitem is told. */
export interface DialogProps {
  readonly work: WorkDetail;
  readonly partition: string;
  /** Called with the UID of the workitem, or of the one in its place. */
  readonly onDone: (uid: string) => void;
  readonly onClose: () => void;
}

export const LONGEST_REASON = 200;
