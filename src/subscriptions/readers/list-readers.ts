import { z } from 'zod';
import { authorize } from '../../audit/decisions.ts';
import { isoTime } from '../../base/clock.ts';
import { type Context, operation } from '../../identity/context.ts';
import type { AccessPlan } from '../../policy/access-plan.ts';
import { printRowFilter } from '../../policy/row-filter-print.ts';
import { COLUMN_MASK } from '../grant.ts';
import type { AccessFacts } from '../store.ts';
import { ASKED_NAME, type AskedAccess, auditOf, readAskedAccess } from './asked-access.ts';
import { plansOf } from './reader-paths.ts';
import { type Candidate, listCandidates } from './store.ts';

const PATH = z.object({
  dataset: z.string(),
  via: z.enum(['own-domain', 'subscription', 'elevation']),
  domain: z.string().describe('whose membership gives the path'),
  subscription: z.string().nullable(),
  purpose: z.string().nullable(),
  until: z.string().nullable(),
  rows: z.string().describe('row filter; `true` gives all rows'),
  column: z
    .object({ access: z.enum(['visible', 'masked']), mask: COLUMN_MASK.nullable() })
    .nullable()
    .describe('of the column asked for'),
  visible: z.array(z.string()),
  masked: z.array(z.string()),
  hidden: z.array(z.string()),
});

const READER = z.object({
  id: z.string(),
  kind: z.enum(['person', 'service']),
  name: z.string(),
  email: z.string().nullable(),
  paths: z.array(PATH),
});

/** Members judged for one page at most, however few of them can see it. */
const JUDGED = 1_000;

export const listReaders = operation({
  name: 'access.list-readers',
  summary: 'Who can see a product, a dataset or a column, and by which path: now, or as of a past moment.',
  effect: 'read',
  http: { method: 'GET', path: '/readers' },
  scope: 'read',
  input: z.object({
    name: ASKED_NAME,
    at: z.iso.datetime({ offset: true }).optional().describe('as of this moment'),
    after: z.string().max(100).optional().describe('cursor: `next` of the page before'),
    limit: z.coerce.number().int().min(1).max(200).default(100),
  }),
  output: z.object({ at: z.string(), readers: z.array(READER), next: z.string().nullable() }),
  async run(context, input) {
    const asked = await readAskedAccess(context, input);
    await authorize(context, auditOf(asked));
    const { readers, next } = await findReaders(context, { asked, ...input });
    return { at: isoTime(asked.now), readers, next };
  },
});

type Reader = z.output<typeof READER>;

async function findReaders(
  { database }: Context,
  { asked, after, limit }: { asked: AskedAccess; after?: string | undefined; limit: number },
): Promise<{ readers: Reader[]; next: string | null }> {
  const readers: Reader[] = [];
  const page = { domainIds: [asked.domainId, ...asked.consumerIds], limit, at: asked.at };
  for (let judged = 0; judged < JUDGED; judged += limit) {
    const candidates = await listCandidates(database.reader, { ...page, after });
    for (const candidate of candidates) {
      const paths = asked.datasets.flatMap((facts) => pathsOf(facts, candidate, asked));
      if (paths.length > 0) readers.push(readerOf(candidate, paths));
      after = candidate.id;
      if (readers.length === limit) return { readers, next: after };
    }
    if (candidates.length < limit) return { readers, next: null };
  }
  return { readers, next: after ?? null };
}

function pathsOf(facts: AccessFacts, candidate: Candidate, asked: AskedAccess): Reader['paths'] {
  const dataset = `${facts.domain}.${facts.product}.${facts.dataset}`;
  return plansOf(facts, candidate, asked.now).flatMap((plan) => {
    const column = asked.column === undefined ? undefined : columnOf(plan, asked.column);
    if (column === null) return [];
    const { via, purpose, until, columns, hidden } = plan;
    const named = (masked: boolean) =>
      columns.filter(({ mask }) => (mask !== null) === masked).map(({ name }) => name);
    return [
      {
        dataset,
        via: via.kind,
        domain: via.domain,
        subscription: via.kind === 'subscription' ? via.id : null,
        purpose,
        until,
        rows: printRowFilter(plan.rowFilter),
        column: column ?? null,
        visible: named(false),
        masked: named(true),
        hidden: hidden.map(({ name }) => name),
      },
    ];
  });
}

/** Null when the plan hides it, or has no such column. */
function columnOf(
  { columns }: AccessPlan,
  name: string,
): NonNullable<Reader['paths'][number]['column']> | null {
  const found = columns.find((column) => column.name === name);
  if (found === undefined) return null;
  return { access: found.mask === null ? 'visible' : 'masked', mask: found.mask };
}

function readerOf({ id, kind, name, email }: Candidate, paths: Reader['paths']): Reader {
  return { id, kind, name, email, paths };
}
