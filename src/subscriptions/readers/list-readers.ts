import { z } from 'zod';
import { authorize } from '../../audit/decisions.ts';
import { isoTime } from '../../base/clock.ts';
import { type Context, operation } from '../../identity/context.ts';
import type { Via } from '../../policy/access-plan.ts';
import { columnsThrough, viaOf } from '../plan-access.ts';
import type { AccessFacts } from '../store.ts';
import { ACCESS_PATH, type AccessPath, pathOf } from './access-path.ts';
import {
  ASKED_NAME,
  type AskedAccess,
  auditOf,
  findAskedAccess,
  needColumn,
  readAskedFacts,
} from './asked-access.ts';
import { plansOf } from './reader-paths.ts';
import { type Candidate, listCandidates, listConsumerIds } from './store.ts';

const READER = z.object({
  id: z.string(),
  kind: z.enum(['person', 'service']),
  name: z.string(),
  email: z.string().nullable(),
  paths: z.array(ACCESS_PATH),
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
    const asked = await findAskedAccess(context, input);
    await authorize(context, auditOf(asked));
    const { readers, next } = await findReaders(context, { asked, ...input });
    return { at: isoTime(asked.now), readers, next };
  },
});

type Reader = z.output<typeof READER>;

async function findReaders(
  context: Context,
  { asked, after, limit }: { asked: AskedAccess; after?: string | undefined; limit: number },
): Promise<{ readers: Reader[]; next: string | null }> {
  const readers: Reader[] = [];
  const { reader } = context.database;
  const consumerIds = await listConsumerIds(reader, asked);
  const facts = await readAskedFacts(context, asked, [asked.domainId, ...consumerIds]);
  needColumn(facts, asked);
  const datasets = facts.map((one) => onlyShowing(one, asked));
  const domainIds = [...new Set(datasets.flatMap((one) => domainsReading(one, consumerIds)))];
  for (let judged = 0; judged < JUDGED; judged += limit) {
    const { found, next } = await listCandidates(reader, { domainIds, limit, at: asked.at, after });
    for (const candidate of found) {
      const paths = datasets.flatMap(({ facts }) => pathsOf(facts, candidate, asked));
      if (paths.length > 0) readers.push(readerOf(candidate, paths));
      if (readers.length === limit) return { readers, next: candidate.id };
    }
    if (next === null) return { readers, next: null };
    after = next;
  }
  return { readers, next: after ?? null };
}

/** A dataset with the rights through which the column can be seen: whoever has no other need not be judged. */
interface Shown {
  facts: AccessFacts;
  /** Whether members of its own domain see it. */
  own: boolean;
}

function onlyShowing(facts: AccessFacts, { column, now }: AskedAccess): Shown {
  if (column === undefined) return { facts, own: true };
  const shows = (via: Via) => columnsThrough(facts, via, now).has(column);
  const subscriptions = facts.subscriptions.filter((one) => shows(viaOf(one)));
  return { facts: { ...facts, subscriptions }, own: shows({ kind: 'own-domain', domain: facts.domain }) };
}

function domainsReading({ facts, own }: Shown, consumerIds: string[]): string[] {
  // An elevation is a person's: whichever domain they belong to is among the consumers.
  const reading = facts.subscriptions.flatMap(({ domainId, elevated }) =>
    elevated === undefined ? [domainId] : consumerIds,
  );
  return [...(own ? [facts.domainId] : []), ...reading];
}

function pathsOf(facts: AccessFacts, candidate: Candidate, { now, column }: AskedAccess): AccessPath[] {
  return plansOf(facts, candidate, now).flatMap((plan) => pathOf(plan, facts, column) ?? []);
}

function readerOf({ id, kind, name, email }: Candidate, paths: AccessPath[]): Reader {
  return { id, kind, name, email, paths };
}
