import { z } from 'zod';
import { authorize, originOf, principalOf } from '../audit/decisions.ts';
import { RefusedByPolicy } from '../audit/policy-forbids.ts';
import { isMeshError, MeshError } from '../base/errors.ts';
import { type Context, operation } from '../identity/context.ts';
import { printRowFilter } from '../policy/row-filter-print.ts';
import { COLUMN_MASK } from '../subscriptions/grant.ts';
import { planDataset, type Reading, tagsOf } from '../subscriptions/plan-access.ts';
import type { AccessFacts } from '../subscriptions/store.ts';
import {
  type AskedAccess,
  ASKED_NAME,
  auditOf,
  findAskedAccess,
  needColumn,
  readAskedFacts,
} from '../subscriptions/readers/asked-access.ts';
import { TAG_VIEW } from './tag-view.ts';
import { type Candidate, findCandidate } from '../subscriptions/readers/store.ts';

const COLUMN = z.object({
  name: z.string(),
  access: z.enum(['visible', 'masked', 'hidden']),
  mask: COLUMN_MASK.nullable(),
  reasons: z.array(z.string()),
  tags: z.array(TAG_VIEW).describe('effective tags, by which restrictions and grants select'),
});

const DATASET = z.object({
  dataset: z.string(),
  /** Null when you may not read it: then `refusal` says why and what to do. */
  access: z
    .object({
      via: z.string(),
      purpose: z.string().nullable(),
      until: z.string().nullable(),
      rows: z.string().describe('row filter; `true` gives all rows'),
      reasons: z.array(z.string()),
      columns: z.array(COLUMN),
    })
    .nullable(),
  refusal: z
    .object({
      code: z.string(),
      message: z.string(),
      fix: z.string(),
      reasons: z
        .array(z.string())
        .describe('the policies that decided, for people of the domain and administrators'),
    })
    .nullable(),
});

export const explainAccess = operation({
  name: 'access.explain',
  summary:
    'Why you or somebody else can or cannot see a dataset, its rows and columns, now or as of a past moment.',
  effect: 'read',
  http: { method: 'GET', path: '/explain' },
  scope: 'read',
  input: z.object({
    name: ASKED_NAME,
    purpose: z.string().max(500).optional(),
    as: z.string().max(320).optional().describe('somebody else: an e-mail address or an id'),
    at: z.iso.datetime({ offset: true }).optional().describe('as of this moment'),
  }),
  output: z.object({ datasets: z.array(DATASET) }),
  async run(context, input) {
    const asked = await findAskedAccess(context, input);
    const isCallerNow = input.as === undefined && asked.at === null;
    const caller = isCallerNow ? context.caller : await readerOf(context, asked, input.as);
    const domainIds = caller.domains.map(({ id }) => id);
    const reading: Reading = {
      principal: principalOf(caller),
      domainIds,
      purpose: input.purpose,
      now: asked.now,
      // Of somebody else, and of another time, nobody knows by which door they would come.
      ...(isCallerNow && { origin: originOf(context) }),
    };
    const facts = await readAskedFacts(context, asked, domainIds);
    const mayReadPolicies =
      context.caller.administrator || context.caller.domains.some(({ id }) => id === asked.domainId);
    const datasets = facts.map((one) => explain(one, { reading, column: asked.column, mayReadPolicies }));
    // Whoever may not read it learns that, and nothing of its columns.
    needColumn(
      facts.filter((_, index) => datasets[index]!.access !== null),
      asked,
    );
    return { datasets };
  },
});

/**
 * The caller, or for those who audit the producer's domain somebody else: as they were at the moment asked for.
 * @throws MeshError `auth.forbidden`, `not-found`
 */
async function readerOf(context: Context, asked: AskedAccess, other: string | undefined): Promise<Candidate> {
  if (other !== undefined) await authorize(context, auditOf(asked));
  const name = other ?? context.caller.id;
  const found = await findCandidate(context.database.reader, { name, at: asked.at });
  if (found === undefined) throw new MeshError('not-found', { facts: { what: `person ${name}` } });
  return found;
}

interface Explaining {
  reading: Reading;
  column: string | undefined;
  /** Who reads the folder of the domain, and with it the policies; others learn whose policy it is. */
  mayReadPolicies: boolean;
}

function explain(
  facts: AccessFacts,
  { reading, column, mayReadPolicies }: Explaining,
): z.output<typeof DATASET> {
  const dataset = `${facts.domain}.${facts.product}.${facts.dataset}`;
  try {
    const { plan } = planDataset(facts, reading);
    const { columns: tagged } = tagsOf(facts);
    const tagsOfColumn = (name: string) => (Object.hasOwn(tagged, name) ? tagged[name]! : []);
    const shown = plan.columns.map(({ name, mask, reasons }) => {
      const access = mask === null ? ('visible' as const) : ('masked' as const);
      return { name, access, mask, reasons, tags: tagsOfColumn(name) };
    });
    const hidden = plan.hidden.map(({ name, reasons }) => ({
      name,
      access: 'hidden' as const,
      mask: null,
      reasons,
      tags: tagsOfColumn(name),
    }));
    const { via } = plan;
    return {
      dataset,
      access: {
        via:
          via.kind === 'own-domain'
            ? `data of your own domain ${via.domain}`
            : `${via.kind} ${via.id} of ${via.kind === 'elevation' ? 'the person alone' : via.domain}`,
        purpose: plan.purpose,
        until: plan.until,
        rows: printRowFilter(plan.rowFilter),
        reasons: plan.reasons,
        columns: [...shown, ...hidden].filter(({ name }) => column === undefined || name === column),
      },
      refusal: null,
    };
  } catch (error) {
    if (!isMeshError(error) || error.status >= 500) throw error;
    const { code, message, fix } = error;
    const decided = error instanceof RefusedByPolicy && mayReadPolicies;
    const reasons = decided ? error.refused.decision.reasons : [];
    return { dataset, access: null, refusal: { code, message, fix, reasons } };
  }
}
