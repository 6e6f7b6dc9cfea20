import { z } from 'zod';
import { type Question, whichAllowed } from '../audit/decisions.ts';
import { MeshError } from '../base/errors.ts';
import { type Context, operation } from '../identity/context.ts';
import { worstIncidents } from '../store/incidents.ts';
import { seesDomain } from '../products/visible-domains.ts';
import { findCandidates, type SearchCandidate } from './store.ts';

const KIND = z.enum(['domain', 'product', 'dataset', 'column']);
const PAGE = 20;
/** Candidates read and judged at once, and how many at the most: whoever may see little pays with time, not with leaks. */
const BATCH = 50;
const JUDGED_AT_ONCE = 25;
const MAX_CANDIDATES = 2_000;

const HIT = z.object({
  kind: KIND,
  id: z.string(),
  domain: z.string(),
  product: z.string().nullable(),
  dataset: z.string().nullable(),
  column: z.string().nullable(),
  title: z.string(),
  description: z.string(),
  tags: z.array(z.string()),
  score: z.number(),
  incident: z.enum(['error', 'warning']).nullable().describe('the worst of its living incidents'),
});

export const search = operation({
  name: 'catalog.search',
  summary:
    'Find domains, products, datasets and columns by what they are called and described as; typos are forgiven.',
  effect: 'read',
  http: { method: 'GET', path: '/search' },
  scope: 'read',
  input: z.object({
    text: z.string().trim().min(1).max(200),
    kind: KIND.optional(),
    domain: z.string().max(100).optional(),
    limit: z.coerce.number().int().min(1).max(100).default(PAGE),
    cursor: z
      .string()
      .regex(/^\d{1,6}$/, 'must be `next` of the page before')
      .optional(),
  }),
  output: z.object({ hits: z.array(HIT), next: z.string().nullable() }),
  async run(context, input) {
    if (!/[\p{L}\p{N}]/u.test(input.text)) {
      throw new MeshError('input.invalid', {
        problems: [{ message: 'give at least one letter or digit', pointer: '/text' }],
      });
    }
    const found: SearchCandidate[] = [];
    let offset = Number(input.cursor ?? 0);
    const end = offset + MAX_CANDIDATES;
    while (offset < end) {
      const candidates = await findCandidates(context.database.reader, {
        ...input,
        kind: input.kind,
        domain: input.domain,
        offset,
        limit: BATCH,
      });
      for (let start = 0; start < candidates.length; start += JUDGED_AT_ONCE) {
        const some = candidates.slice(start, start + JUDGED_AT_ONCE);
        const visible = await visibleOnly(context, some);
        for (const [index, candidate] of some.entries()) {
          if (!visible[index]) continue;
          if (found.length === input.limit)
            return { hits: await viewHits(context, found), next: String(offset + start + index) };
          found.push(candidate);
        }
      }
      if (candidates.length < BATCH) break;
      offset += BATCH;
    }
    return { hits: await viewHits(context, found), next: null };
  },
});

/** A domain is there for who sees it from within or by a product; everything else is as visible as its product. */
async function visibleOnly(context: Context, candidates: SearchCandidate[]): Promise<boolean[]> {
  const products = new Map<string, Question<'product.discover'>>();
  for (const { productId, domainId, domain, product } of candidates) {
    if (productId === null || product === null) continue;
    const resource = { type: 'Product' as const, domain, product };
    products.set(productId, { action: 'product.discover', resource, scope: { domainId, productId } });
  }
  const allowed = await whichAllowed(context, [...products.values()]);
  const visible = new Set([...products.keys()].filter((_, index) => allowed[index]));
  const domains = new Set<string>();
  for (const { kind, domainId: id, domain: name } of candidates) {
    if (kind === 'domain' && (await seesDomain(context, { id, name }))) domains.add(id);
  }
  return candidates.map(({ productId, domainId }) =>
    productId === null ? domains.has(domainId) : visible.has(productId),
  );
}

async function viewHits(
  { database }: Context,
  candidates: SearchCandidate[],
): Promise<z.output<typeof HIT>[]> {
  const products = new Set(candidates.map(({ productId }) => productId ?? ''));
  const worst = await worstIncidents(database.reader, [...products]);
  return candidates.map((candidate) => {
    const about = candidate.datasetId ?? candidate.productId ?? '';
    return { ...viewHit(candidate), incident: worst.get(about) ?? null };
  });
}

function viewHit(candidate: SearchCandidate): Omit<z.output<typeof HIT>, 'incident'> {
  const { kind, id, domain, product, dataset, name, title, description, tags, score } = candidate;
  return {
    kind,
    id,
    domain,
    product,
    dataset,
    column: kind === 'column' ? name : null,
    title,
    description,
    tags,
    score,
  };
}
