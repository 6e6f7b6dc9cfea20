/** A place in the graph: a node, or one of its columns (empty = the node as a whole). */
export interface Place {
  node: string;
  column: string;
}

export type Direction = 'upstream' | 'downstream';

/** A step from a place to the next one. */
export interface Step {
  from: Place;
  to: Place;
  transformations: string[];
  /** The domain that told of it; null for the mesh's own. */
  reportedBy: string | null;
}

export interface WalkLimits {
  depth: number;
  nodes: number;
}

/** What a walk asks for; one call a level, for all places of it at once. */
export interface Ground {
  /** All steps that lead on from these places. */
  stepsFrom(places: Place[]): Promise<{ steps: Step[]; truncated: boolean }>;
  /** Those of the nodes that the walker may see. For the walk the others do not exist. */
  visible(nodes: string[]): Promise<Set<string>>;
  /** Those of the domains whose reports the walker may see. */
  readable(domains: string[]): Promise<Set<string>>;
}

export interface Reached {
  place: Place;
  depth: number;
  /** How it hangs on the start: by a value, by what chooses or orders rows, or only perhaps. */
  how: How;
}

export const HOW = ['direct', 'indirect', 'possible'] as const;
export type How = (typeof HOW)[number];

export interface Walked {
  reached: Reached[];
  /** Depth, size or the edges of one level ended the walk before the graph did. */
  truncated: boolean;
}

/**
 * Level by level from the starts, through visible nodes only: what lies behind a hidden node is found by
 * another way or not at all.
 */
export async function walk(ground: Ground, starts: Place[], limits: WalkLimits): Promise<Walked> {
  const reached = new Map<string, Reached>();
  const nodes = new Set<string>();
  for (const place of starts) {
    reached.set(keyOf(place), { place, depth: 0, how: 'direct' });
    nodes.add(place.node);
  }
  let level = [...reached.values()];
  let truncated = false;
  for (let depth = 1; level.length > 0; depth++) {
    const found = await ground.stepsFrom(level.map(({ place }) => place));
    const steps = await visibleSteps(ground, found.steps, nodes);
    truncated ||= found.truncated;
    if (depth > limits.depth)
      return { reached: [...reached.values()], truncated: truncated || leadsOn(steps, reached) };
    const next = new Map<string, Reached>();
    for (const { from, to, transformations } of steps) {
      const how = worse(reached.get(keyOf(from))?.how ?? 'possible', howOf(transformations, to, from));
      const known = reached.get(keyOf(to));
      if (known !== undefined && rank(known.how) <= rank(how)) continue;
      if (!nodes.has(to.node) && nodes.size >= limits.nodes) {
        truncated = true;
        continue;
      }
      nodes.add(to.node);
      const one = { place: to, depth: known?.depth ?? depth, how };
      reached.set(keyOf(to), one);
      next.set(keyOf(to), one);
    }
    level = [...next.values()];
  }
  return { reached: [...reached.values()], truncated };
}

function leadsOn(steps: Step[], reached: ReadonlyMap<string, Reached>): boolean {
  return steps.some(({ to }) => !reached.has(keyOf(to)));
}

async function visibleSteps(ground: Ground, steps: Step[], known: ReadonlySet<string>): Promise<Step[]> {
  const reporters = new Set(steps.flatMap(({ reportedBy }) => (reportedBy === null ? [] : [reportedBy])));
  const readable = await ground.readable([...reporters]);
  const told = steps.filter(({ reportedBy }) => reportedBy === null || readable.has(reportedBy));
  const asked = new Set(told.map(({ to }) => to.node).filter((node) => !known.has(node)));
  const visible = await ground.visible([...asked]);
  return told.filter(({ to }) => known.has(to.node) || visible.has(to.node));
}

function howOf(transformations: string[], to: Place, from: Place): How {
  if (transformations.some((kind) => kind.startsWith('DIRECT'))) return 'direct';
  if (transformations.some((kind) => kind.startsWith('INDIRECT'))) return 'indirect';
  // Between whole nodes there is nothing finer to say; where a column was asked for, it is only perhaps.
  return from.column === '' && to.column === '' ? 'direct' : 'possible';
}

function worse(left: How, right: How): How {
  return rank(left) >= rank(right) ? left : right;
}

function rank(how: How): number {
  return HOW.indexOf(how);
}

function keyOf({ node, column }: Place): string {
  return JSON.stringify([node, column]);
}
