import { type Criteria, isPart, leavesOf, type Part } from './criteria';

export const CHARTS = [
  { name: 'AGE', title: 'Age now' },
  { name: 'GENDER', title: 'Sex' },
  { name: 'MODALITY', title: 'Modality' },
  { name: 'DIAGNOSIS_YEAR', title: 'Year of diagnosis' },
  { name: 'CONDITION', title: 'Conditions' },
  { name: 'MEDICATION', title: 'Medications' },
  { name: 'PROCEDURE', title: 'Procedures' },
] as const;

export type ChartName = (typeof CHARTS)[number]['name'];

/** A value of a chart that patients have to have. */
export interface ChartFilter {
  readonly chart: ChartName;
  readonly value: string;
}

const MOST_FILTERS = 50;

/** Returns the filters that an address names: pairs, as JSON. */
export function readFilters(text: string | undefined): readonly ChartFilter[] {
  return pairsOf(text)
    .flatMap((pair) => {
      const [name, value] = Array.isArray(pair) ? pair : [];
      const chart = CHARTS.find((each) => each.name === name);
      return chart && typeof value === 'string' ? [{ chart: chart.name, value }] : [];
    })
    .slice(0, MOST_FILTERS);
}

function pairsOf(text: string | undefined): readonly unknown[] {
  try {
    const read: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(read) ? read : [];
  } catch {
    return [];
  }
}

export function writeFilters(filters: readonly ChartFilter[]): string {
  return filters.length === 0
    ? ''
    : JSON.stringify(filters.map(({ chart, value }) => [chart, value]));
}

/**
 * Returns filters as criteria: any of the values of a chart, and that of all charts.
 *
 * Years are those of the diagnoses that the criteria ask for, as the chart counts them.
 */
export function criteriaOf(filters: readonly ChartFilter[], asked: Criteria): readonly Part[] {
  return CHARTS.flatMap(({ name }) => {
    const values = filters.filter(({ chart }) => chart === name);
    const nodes = values.flatMap(({ value }) => nodesOf(name, value, asked));
    const [first] = nodes;
    if (first === undefined) {
      return [];
    }
    return nodes.length === 1 ? [first] : [{ any: nodes }];
  });
}

function nodesOf(chart: ChartName, value: string, asked: Criteria): readonly Part[] {
  switch (chart) {
    case 'AGE': {
      const from = Number(value);
      return Number.isInteger(from) ? [{ patient: { age: { gte: from, lt: from + 10 } } }] : [];
    }
    case 'GENDER':
      return [{ patient: { gender: value } }];
    case 'MODALITY':
      return [{ event: { type: 'imaging', modality: [value] } }];
    case 'DIAGNOSIS_YEAR':
      return inYear(value, asked);
    default:
      return [{ event: { type: chart.toLowerCase(), code: conceptOf(value) } }];
  }
}

function inYear(year: string, asked: Criteria): readonly Part[] {
  const when = { from: `${year}-01-01`, to: `${year}-12-31` };
  const named = leavesOf(asked.where).flatMap(({ event }) =>
    isPart(event) && event['type'] === 'condition' && event['code'] !== undefined
      ? [{ event: { type: 'condition', code: event['code'], when } }]
      : [],
  );
  return named.length > 0 ? named : [{ event: { type: 'condition', when } }];
}

/** Values of codes have their system before them: `system|code`; others are words. */
function conceptOf(value: string): Part {
  const at = value.indexOf('|');
  return at < 0
    ? { text: value }
    : { codes: [{ system: value.slice(0, at), code: value.slice(at + 1) }] };
}

const SEXES: Readonly<Record<string, string>> = {
  female: 'Female',
  male: 'Male',
  other: 'Other',
  unknown: 'Unknown',
};

/** Returns what a value of a chart is called. */
export function wordsOfBar(chart: ChartName, value: string, label: string): string {
  if (chart === 'AGE') {
    return `${value}–${Number(value) + 9}`;
  }
  return (chart === 'GENDER' && SEXES[value]) || label;
}
