import { z } from 'zod';
import { authorize } from '../audit/decisions.ts';
import { isMeshError, MeshError } from '../base/errors.ts';
import { operation } from '../identity/context.ts';
import { printRowFilter } from '../policy/row-filter-print.ts';
import { listDatasets, readProduct } from '../products/store.ts';
import { productQuestion } from '../products/visible-products.ts';
import { COLUMN_MASK } from '../subscriptions/grant.ts';
import { planDataset, type Reading } from '../subscriptions/plan-access.ts';
import { type AccessFacts, readAccessFacts } from '../subscriptions/store.ts';
import { readingOf } from './query-plan.ts';

const COLUMN = z.object({
  name: z.string(),
  access: z.enum(['visible', 'masked', 'hidden']),
  mask: COLUMN_MASK.nullable(),
  reasons: z.array(z.string()),
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
  refusal: z.object({ code: z.string(), message: z.string(), fix: z.string() }).nullable(),
});

export const explainAccess = operation({
  name: 'access.explain',
  summary: 'Why you can or cannot see a dataset, its rows and each of its columns.',
  effect: 'read',
  http: { method: 'GET', path: '/explain' },
  scope: 'read',
  input: z.object({
    name: z.string().regex(/^[^.]+\.[^.]+(\.[^.]+){0,2}$/, 'must be DOMAIN.PRODUCT[.DATASET[.COLUMN]]'),
    purpose: z.string().max(500).optional(),
  }),
  output: z.object({ datasets: z.array(DATASET) }),
  async run(context, input) {
    const [domain, name, wanted, column] = input.name.split('.');
    const product = await readProduct(context.database.reader, `${domain}.${name}`);
    await authorize(context, productQuestion('product.discover', product));
    const all = await listDatasets(context.database.reader, product.id);
    const datasets = all.filter((dataset) => wanted === undefined || dataset.name === wanted);
    if (datasets.length === 0) throw new MeshError('not-found', { facts: { what: `dataset ${input.name}` } });
    const now = context.clock.now();
    const facts = await readAccessFacts(context.database.reader, {
      datasetIds: datasets.map(({ id }) => id),
      domainIds: context.caller.domains.map(({ id }) => id),
      now,
      releasesAt: null,
    });
    const reading = readingOf(context.caller, now, input.purpose);
    return { datasets: facts.map((one) => explain(one, reading, column)) };
  },
});

function explain(facts: AccessFacts, reading: Reading, column: string | undefined): z.output<typeof DATASET> {
  const dataset = `${facts.domain}.${facts.product}.${facts.dataset}`;
  try {
    const { plan } = planDataset(facts, reading);
    const shown = plan.columns.map(({ name, mask, reasons }) => {
      return { name, access: mask === null ? ('visible' as const) : ('masked' as const), mask, reasons };
    });
    const hidden = plan.hidden.map(({ name, reasons }) => ({
      name,
      access: 'hidden' as const,
      mask: null,
      reasons,
    }));
    const { via } = plan;
    return {
      dataset,
      access: {
        via:
          via.kind === 'own-domain'
            ? `data of your own domain ${via.domain}`
            : `subscription ${via.id} of ${via.domain}`,
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
    return { dataset, access: null, refusal: { code: error.code, message: error.message, fix: error.fix } };
  }
}
