import { z } from 'zod';
import { typeName } from '../base/data-type.ts';
import { operation } from '../identity/context.ts';
import { plainTags } from '../policy/tags.ts';
import { listApproverIds, listDeciderIds, listNames, listTaggedDatasets } from './approval/store.ts';
import { datasetTags, personalColumns, tagsWithin } from '../policy/dataset-tags.ts';
import { readSubscription } from './read-subscription.ts';
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
      }),
    ),
    deciders: z.array(z.string()).describe('who decides the step it waits for; empty: nobody, it is held'),
  }),
  async run(context, { id }) {
    const { reader } = context.database;
    const { subscription, approvers } = await readSubscription(context, id, 'subscription.read');
    const datasets = await listTaggedDatasets(reader, subscription.product_id);
    const columns = datasets.flatMap((dataset) => {
      const tags = datasetTags(dataset);
      const personal = new Set(personalColumns(tags));
      return dataset.columns.map(({ name, type }) => ({
        ...{ dataset: dataset.name, name, type: typeName(type), personal: personal.has(name) },
        classification: plainTags(tags.columns[name] ?? [])['classification'] ?? null,
        tags: Object.hasOwn(tags.columns, name) ? tagsWithin(tags, name) : [],
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
