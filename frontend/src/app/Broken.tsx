import type { ErrorComponentProps } from '@tanstack/react-router';
import { faultOfError } from '~/domain/fault';
import { FaultView } from '~/ui/FaultView';

/** What stands where a page has failed: the rest of the portal goes on. */
export function Broken({ error, reset }: ErrorComponentProps) {
  return <FaultView fault={faultOfError(error)} onTryAgain={reset} />;
}
