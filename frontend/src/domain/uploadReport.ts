import { STATE_WORDS, type UploadFile } from './upload';

const HEAD = ['File', 'Bytes', 'Result', 'Remark'];
/** What a program for tables would take for a formula. */
const FORMULA = /^[=+\-@\t\r]/;

/** Returns what became of files as a table (CSV, RFC 4180). */
export function reportOf(files: readonly UploadFile[]): string {
  const rows = files.map(({ path, bytes, state, remark }) => [
    path,
    String(bytes),
    STATE_WORDS[state],
    remark,
  ]);
  return [HEAD, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

function cell(text: string): string {
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
