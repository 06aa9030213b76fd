import type { UploadFile } from '~/domain/upload';
import { reportOf } from '~/domain/uploadReport';

/** So that programs for tables read it as UTF-8. */
const BYTE_ORDER_MARK = '\uFEFF';

/** Has the browser save what became of files. */
export function saveReport(files: readonly UploadFile[]): void {
  const blob = new Blob([BYTE_ORDER_MARK, reportOf(files)], { type: 'text/csv' });
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = 'upload.csv';
  link.click();
  URL.revokeObjectURL(link.href);
}
