import { type Question, whichAllowed } from '../../audit/decisions.ts';
import type { Context } from '../../identity/context.ts';
import type { Action } from '../../policy/action.ts';
import { type GraphNode, listDomainNames, listNodes, listSteps } from './store.ts';
import type { Direction, Ground } from './walk.ts';

/** The graph as one caller sees it; remembers what it has judged for the length of one request. */
export interface SeenGround extends Ground {
  /** Domains whose reports were found readable. */
  reporters(): string[];
}

/** The stored graph, seen by the caller. */
export function groundOf(context: Context, direction: Direction): SeenGround {
  const { reader } = context.database;
  const read = new Map<string, boolean>();
  return {
    stepsFrom: (places) => listSteps(reader, places, direction),
    visible: async (ids) => {
      const nodes = await listNodes(reader, ids);
      return new Set((await onlyVisible(context, nodes)).map(({ id }) => id));
    },
    readable: async (ids) => {
      const asked = ids.filter((id) => !read.has(id));
      for (const [id, allowed] of await readableDomains(context, asked)) read.set(id, allowed);
      return new Set(ids.filter((id) => read.get(id) === true));
    },
    reporters: () => [...read].filter(([, allowed]) => allowed).map(([id]) => id),
  };
}

/**
 * Datasets are as visible as their product, source tables as their source, and what was reported from
 * outside as the domain whose token reported it.
 */
export async function onlyVisible(context: Context, nodes: GraphNode[]): Promise<GraphNode[]> {
  const allowed = await whichAllowed(context, nodes.map(questionOf));
  return nodes.filter((_, index) => allowed[index]);
}

function questionOf({ kind, domainId, domain, productId, product, source }: GraphNode): Question<Action> {
  if (kind === 'dataset' && productId !== null) {
    const resource = { type: 'Product' as const, domain, product: product ?? '' };
    return { action: 'product.discover', resource, scope: { domainId, productId } };
  }
  if (kind === 'source-table') {
    const resource = { type: 'Source' as const, domain, source: source ?? '' };
    return { action: 'source.read', resource, scope: { domainId } };
  }
  return { action: 'domain.read', resource: { type: 'Domain', domain }, scope: { domainId } };
}

async function readableDomains(context: Context, ids: string[]): Promise<[string, boolean][]> {
  const names = await listDomainNames(context.database.reader, ids);
  const questions = names.map(({ id, name }) => ({
    action: 'domain.read' as const,
    resource: { type: 'Domain' as const, domain: name },
    scope: { domainId: id },
  }));
  const allowed = await whichAllowed(context, questions);
  return names.map(({ id }, index) => [id, allowed[index] === true]);
}
