import { z } from 'zod';
import { typeName } from '../base/data-type.ts';
import { type Context, operation } from '../identity/context.ts';
import type { Via } from '../policy/access-plan-model.ts';
import type { ColumnMask } from '../policy/column-mask.ts';
import { plainTags } from '../policy/tags.ts';
import { listApproverIds, listDeciderIds, listNames, listTaggedDatasets } from './approval/store.ts';
import { datasetTags, personalColumns, tagsWithin } from '../policy/dataset-tags.ts';
import { COLUMN_MASK, EVERYTHING } from './grant.ts';
import { planOfColumns } from './plan-access.ts';
import { readSubscription } from './read-subscription.ts';
import { type AccessFacts, type NamedSubscription, readAccessFacts } from './store.ts';
import { SUBSCRIPTION_VIEW, viewSubscription } from './views.ts';

export const showRequest = operation({
  name: 'subscription.show',
  summary: 'A request or subscription with the columns that it is about, and who decides what it waits for.',
  effect: 'read',
  http: { method: 'GET', path: '/requests/:id' },
  scope: 'read',
  input: z.object({ id: z.string() }),
  output: z.object({
    request: SUBSCRIPTION_VIEW,
    columns: z.array(
      z.object({
        dataset: z.string(),
        name: z.string(),
        type: z.string(),
        classification: z.string().nullable(),
        personal: z.boolean().describe('holds personal data, in whole or in a part'),
        tags: z
          .array(z.record(z.string(), z.string()))
          .describe(
            'those of the column, and of each of its parts: a grant by tags needs all of them to fit',
          ),
        rules: z
          .object({ hidden: z.boolean(), mask: COLUMN_MASK.nullable(), reasons: z.array(z.string()) })
          .nullable()
          .describe(
            'for those who decide: what restrictions leave of it, whatever is given; null where there is none',
          ),
      }),
    ),
    deciders: z.array(z.string()).describe('who decides the step it waits for; empty: nobody, it is held'),
  }),
  async run(context, { id }) {
    const { reader } = context.database;
    const { subscription, approvers } = await readSubscription(context, id, 'subscription.read');
    const datasets = await listTaggedDatasets(reader, subscription.product_id);
    const rules = await rulesOf(context, subscription, datasets);
    const columns = datasets.flatMap((dataset) => {
      const tags = datasetTags(dataset);
      const personal = new Set(personalColumns(tags));
      return dataset.columns.map(({ name, type }) => ({
        ...{ dataset: dataset.name, name, type: typeName(type), personal: personal.has(name) },
        classification: plainTags(tags.columns[name] ?? [])['classification'] ?? null,
        tags: Object.hasOwn(tags.columns, name) ? tagsWithin(tags, name) : [],
        rules: rules.get(`${dataset.name}.${name}`) ?? null,
      }));
    });
    const step = subscription.renewal?.step ?? subscription.step;
    const ids =
      step === 'privacy'
        ? await listApproverIds(reader, approvers)
        : step === 'owner'
          ? await listDeciderIds(reader, subscription.producer_id)
          : [];
    const deciders = await listNames(reader, ids);
    return { request: viewSubscription(subscription), columns, deciders };
  },
});

interface Rule {
  hidden: boolean;
  mask: ColumnMask | null;
  reasons: string[];
}

/** What restrictions do to a grant of everything, by `dataset.column`: the approver sees what the consumer would get. */
async function rulesOf(
  { caller, database, clock }: Context,
  { id, consumer: domain, purpose, domain_id, producer_id }: NamedSubscription,
  datasets: { id: string }[],
): Promise<Map<string, Rule>> {
  const isOf = (side: string) => caller.domains.some((own) => own.id === side);
  if (isOf(domain_id) && !isOf(producer_id)) return new Map();
  const now = clock.now();
  const datasetIds = datasets.map((dataset) => dataset.id);
  const facts = await readAccessFacts(database.reader, { datasetIds, domainIds: [], now, releasesAt: null });
  const via = { kind: 'subscription', id, domain, grant: { ...EVERYTHING, purpose, until: null } } as const;
  return new Map(facts.flatMap((one) => Object.entries(rulesOn(one, via, now))));
}

function rulesOn(facts: AccessFacts, via: Via, now: Date): Record<string, Rule> {
  const plan = planOfColumns(facts, via, now);
  const masked = plan?.columns.filter(({ mask }) => mask !== null) ?? [];
  const rules = [
    ...masked.map(({ name, mask, reasons }) => ({ name, hidden: false, mask, reasons })),
    ...(plan?.hidden ?? []).map(({ name, reasons }) => ({ name, hidden: true, mask: null, reasons })),
  ];
  return Object.fromEntries(rules.map(({ name, ...rule }) => [`${facts.dataset}.${name}`, rule]));
}
