/** What a completed workitem has to say of its performed procedure (PS3.4 table CC.2.5-3). */
const ASKED = {
  '00404028': 'station', // Performed Station Name Code Sequence
  '00404019': 'code', // Performed Workitem Code Sequence
} as const;

/** Returns what a refusal to complete misses that can be asked for, by its path of tags. */
export function missingIn(path: string | undefined): 'code' | 'station' | undefined {
  const found = Object.entries(ASKED).find(([tag]) => path?.endsWith(tag));
  return found?.[1];
}
