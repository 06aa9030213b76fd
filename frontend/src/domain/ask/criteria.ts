/** A part of criteria, as JSON has it. */
export type Part = Readonly<Record<string, unknown>>;

/** Criteria as the server reads them (docs/criteria.md); it alone decides what is right. */
export interface Criteria extends Part {
  readonly where: Part;
}

/** Members and places that lead from criteria to a part of them. */
export type Path = readonly (number | string)[];

export type Kind = 'all' | 'any' | 'atleast' | 'cohort' | 'event' | 'not' | 'patient';
const KINDS: readonly Kind[] = ['all', 'any', 'not', 'atleast', 'patient', 'event', 'cohort'];

/** How deep groups are shown; the server refuses such depths as well. */
const DEEPEST = 40;

export function isPart(value: unknown): value is Part {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns criteria that a text is; undefined where it is none. */
export function readCriteria(text: string): Criteria | undefined {
  try {
    return asCriteria(JSON.parse(text));
  } catch {
    return undefined;
  }
}

export function asCriteria(value: unknown): Criteria | undefined {
  return isPart(value) && isPart(value['where']) && isShallow(value['where'], 0)
    ? (value as Criteria)
    : undefined;
}

function isShallow(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) {
    return true;
  }
  return depth < DEEPEST && Object.values(value).every((each) => isShallow(each, depth + 1));
}

/** Returns what a node is, by the first member that tells it. */
export function kindOf(node: Part): Kind | undefined {
  return KINDS.find((kind) => kind in node);
}

export interface Child {
  readonly node: Part;
  /** From the node that it is below. */
  readonly path: Path;
}

/** Returns the nodes right below a node; none of a leaf. */
export function childrenOf(node: Part): readonly Child[] {
  const kind = kindOf(node);
  if (kind === 'all' || kind === 'any') {
    return listed(node[kind], [kind]);
  }
  if (kind === 'not') {
    return isPart(node['not']) ? [{ node: node['not'], path: ['not'] }] : [];
  }
  if (kind === 'atleast' && isPart(node['atleast'])) {
    return listed(node['atleast']['of'], ['atleast', 'of']);
  }
  return [];
}

function listed(value: unknown, path: Path): readonly Child[] {
  const nodes: readonly unknown[] = Array.isArray(value) ? value : [];
  return nodes.flatMap((node, at) => (isPart(node) ? [{ node, path: [...path, at] }] : []));
}

/** Returns the criteria that are no groups, in the order in which they are written. */
export function leavesOf(node: Part): readonly Part[] {
  const kind = kindOf(node);
  if (kind === 'event' || kind === 'patient' || kind === 'cohort') {
    return [node];
  }
  return childrenOf(node).flatMap((child) => leavesOf(child.node));
}

/** Returns a value with a part of it replaced; what is not there stays away. */
export function replacedAt<Value>(value: Value, path: Path, part: unknown): Value {
  const [key, ...rest] = path;
  if (key === undefined) {
    return part as Value;
  }
  if (Array.isArray(value)) {
    return value.map((each, at) => (at === key ? replacedAt(each, rest, part) : each)) as Value;
  }
  if (!isPart(value) || !Object.hasOwn(value, key)) {
    return value;
  }
  return { ...value, [key]: replacedAt(value[key], rest, part) };
}

/** Returns a node without the one at a path, and without groups that are empty then. */
export function withoutNode(node: Part, path: Path): Part | undefined {
  if (path.length === 0) {
    return undefined;
  }
  const children = childrenOf(node);
  const step = children.find((child) => child.path.every((key, at) => key === path[at]));
  if (step === undefined) {
    return node;
  }
  const rest = withoutNode(step.node, path.slice(step.path.length));
  if (rest !== undefined) {
    return replacedAt(node, step.path, rest);
  }
  const others = children.filter((child) => child !== step);
  return others.length === 0 ? undefined : withNodes(node, others);
}

function withNodes(node: Part, children: readonly Child[]): Part {
  const nodes = children.map((child) => child.node);
  const some = node['atleast'];
  if (isPart(some)) {
    const most = typeof some['n'] === 'number' ? Math.min(some['n'], nodes.length) : 1;
    return { ...node, atleast: { ...some, n: most, of: nodes } };
  }
  return { ...node, [kindOf(node) ?? 'all']: nodes };
}

/** Returns a group with a node more; what is no group becomes one. */
export function withNode(group: Part, added: Part): Part {
  const kind = kindOf(group);
  if (kind === 'all' || kind === 'any') {
    return { ...group, [kind]: [...childrenOf(group).map((child) => child.node), added] };
  }
  return { all: [group, added] };
}

/** Returns criteria that are narrowed by further ones. */
export function narrowed(criteria: Criteria, more: readonly Part[]): Criteria {
  const where = more.reduce<Part>(
    (before, each) => withNode('any' in before ? { all: [before] } : before, each),
    criteria.where,
  );
  return { ...criteria, where };
}

interface Wanted {
  readonly place: number;
  readonly what: string;
}

const UNLISTED: ReadonlySet<string> = new Set(['count', 'patient']);

/** Returns the outputs that are lists of their own, with their places among all. */
export function listsOf<Output extends Wanted>(outputs: readonly Output[]): readonly Output[] {
  return outputs.filter(({ what }) => !UNLISTED.has(what));
}

/** Returns the concept of an event; undefined where it has none. */
export function conceptOf(node: Part): Part | undefined {
  const event = node['event'];
  return isPart(event) && isPart(event['code']) ? event['code'] : undefined;
}

/** Returns an event with another concept. */
export function withConcept(node: Part, code: Part): Part {
  const event = node['event'];
  return isPart(event) ? { ...node, event: { ...event, code } } : node;
}

/** Returns a concept without another one: what it was, but not that. */
export function without(concept: Part, other: Part): Part {
  const { anyOf, not } = concept;
  const some: readonly unknown[] = Array.isArray(anyOf) ? anyOf : [concept];
  const others: readonly unknown[] = Array.isArray(not) ? not : [];
  return { anyOf: some, not: [...others, other] };
}
