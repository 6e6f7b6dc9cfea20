import { z } from 'zod';
import { authorize, mayCaller, originOf, principalOf } from '../audit/decisions.ts';
import { isoTime } from '../base/clock.ts';
import type { Contract } from '../contracts/odcs.ts';
import { type Context, operation } from '../identity/context.ts';
import { listDatasetRows, readProduct } from '../products/store.ts';
import { productQuestion } from '../products/visible-products.ts';
import type { Reading } from '../subscriptions/plan-access.ts';
import { type AccessFacts, readAccessFacts } from '../subscriptions/store.ts';
import {
  OBSERVATION_PAGE,
  type ObservationPage,
  pageOfObservations,
  SHOWN_RELEASES,
  visibleDeviations,
} from './observation-page.ts';
import { observationSettings } from './observation-settings.ts';
import { listHeldBack, listPast } from './store.ts';
import { statisticColumns } from './visible-columns.ts';

const HELD_BACK = 10;

export const listObservations = operation({
  name: 'product.list-observations',
  summary:
    'What was observed of a product’s releases beside their checks, and what is usual; statistics of the columns you see unmasked, if you see all rows.',
  effect: 'read',
  http: { method: 'GET', path: '/products/:domain/:product/observations' },
  scope: 'read',
  input: z.object({ domain: z.string(), product: z.string() }),
  output: z.object({ datasets: z.array(OBSERVATION_PAGE) }),
  async run(context, input) {
    const { reader } = context.database;
    const product = await readProduct(reader, `${input.domain}.${input.product}`);
    await authorize(context, productQuestion('product.discover', product));
    const isProducer = await mayCaller(context, productQuestion('product.run', product));
    const now = context.clock.now();
    const domainIds = context.caller.domains.map(({ id }) => id);
    const reading = { principal: principalOf(context.caller), domainIds, now, origin: originOf(context) };
    const rows = await listDatasetRows(reader, product.id);
    const facts = await readAccessFacts(reader, {
      datasetIds: rows.map(({ id }) => id),
      domainIds,
      now,
      releasesAt: null,
    });
    const datasets: ObservationPage[] = [];
    for (const { id, name, contract } of rows) {
      const access = facts.find(({ datasetId }) => datasetId === id);
      datasets.push(await pageOf(context, { id, name, contract, access, reading, isProducer }));
    }
    return { datasets };
  },
});

interface Paged {
  id: string;
  name: string;
  contract: Record<string, unknown>;
  access: AccessFacts | undefined;
  reading: Reading;
  isProducer: boolean;
}

async function pageOf({ database }: Context, dataset: Paged): Promise<ObservationPage> {
  const settings = observationSettings(dataset.contract as unknown as Contract);
  const columns = statisticColumns(dataset.access, dataset.reading);
  const past = await listPast(database.reader, dataset.id, SHOWN_RELEASES + settings.history);
  const page = pageOfObservations({ name: dataset.name, settings, past, columns });
  if (!dataset.isProducer) return page;
  const names = new Set(page.columns.map(({ name }) => name));
  const heldBack = await listHeldBack(database.reader, dataset.id, HELD_BACK);
  return {
    ...page,
    heldBack: heldBack.map(({ run, at, rows, deviations }) => ({
      run,
      at: isoTime(at),
      rows,
      deviations: visibleDeviations(deviations, names),
    })),
  };
}
