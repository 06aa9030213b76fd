import type { ReactNode } from 'react';
import type { Fault } from '~/domain/fault';
import { FaultView } from './FaultView';
import { Loading } from './Loading';

interface Asked<Data> {
  readonly data: Data | undefined;
  readonly fault: Fault | undefined;
  readonly reload: () => void;
}

interface Props<Data> {
  readonly asked: Asked<Data>;
  /** What is loaded, for those who hear the page. */
  readonly label: string;
  readonly rows?: number;
  readonly children: (data: Data) => ReactNode;
}

/** Shows what was asked for once it is there: until then that it comes, or why not. */
export function Shown<Data>({ asked, label, rows = 3, children }: Props<Data>) {
  const { data, fault, reload } = asked;
  if (fault !== undefined && data === undefined) {
    return <FaultView fault={fault} onTryAgain={reload} />;
  }
  return data === undefined ? <Loading label={label} rows={rows} /> : children(data);
}
