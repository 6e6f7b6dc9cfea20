import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { callerOf, openTestParts, type TestParts } from '../../../test/fixtures/context.ts';
import { REAL_DATA } from '../../../test/fixtures/real-data.ts';
import { listFiles, sampleFiles } from '../../../test/fixtures/sample-mesh.ts';
import type { Context } from '../../identity/context.ts';
import { applyMesh } from '../../mesh-as-code/apply.ts';
import { showLineage } from '../graph/show-graph.ts';
import { reportEvents } from './report-events.ts';

const folder = join(REAL_DATA, 'openlineage_events');
const DBT =
  'templates_dbt/OpenLineage__integration_common_tests_dbt_structured_logs_postgres_run_results_successful_run_ol_events.json';

/** dbt's own test events, whose run ids are left open: each job has one run. */
function dbtEvents(): any[] {
  const events = JSON.parse(readFileSync(join(folder, DBT), 'utf8')) as any[];
  return events.map((event) => ({ ...event, run: { ...event.run, runId: `run of ${event.job.name}` } }));
}

const airflowEvent = () => JSON.parse(readFileSync(join(folder, 'openlineage__spec_tests.ndjson'), 'utf8'));

describe.skipIf(!existsSync(folder))(
  'Airflow starts dbt, whose table is loaded into a source of ours',
  () => {
    let mesh: TestParts;
    let seller: Context;

    beforeAll(async () => {
      mesh = await openTestParts('airflow-dbt');
      const admin = mesh.as(callerOf('admin', [], true));
      await applyMesh.run(admin, { files: listFiles(sampleFiles()) });
      const sales = await mesh.parts.database.reader
        .selectFrom('domains')
        .select(['id', 'name', 'title'])
        .where('name', '=', 'sales')
        .executeTakeFirstOrThrow();
      seller = mesh.as(callerOf('loader of sales', [{ ...sales, role: 'engineer' }]));
    });
    afterAll(() => mesh.close());

    test('the events of all three are one graph from dbt’s raw tables to our products', async () => {
      const airflow = airflowEvent();
      const started = { run: { runId: airflow.run.runId }, job: airflow.job };
      const dbt = dbtEvents().map((event) =>
        event.job.name === 'dbt-run-jaffle_shop'
          ? { ...event, run: { ...event.run, facets: { ...event.run.facets, parent: started } } }
          : event,
      );
      const load = {
        ...{ eventTime: '2024-11-20T20:00:00Z', eventType: 'COMPLETE', run: { runId: 'load' } },
        job: { namespace: 'food_delivery', name: 'load_receipts' },
        inputs: [{ namespace: 'postgres://postgres:5432', name: 'postgres.public.orders' }],
        outputs: [{ namespace: 'crossdock://test', name: 'sales/tills/receipts' }],
      };
      expect(await reportEvents(seller, { events: [load, ...dbt, airflow], domain: undefined })).toEqual([]);
      const upstream = { direction: 'upstream', depth: 20, limit: 200 } as const;
      const { nodes, truncated } = await showLineage.run(seller, {
        node: 'sales.sell-out.weeks',
        ...upstream,
      });
      const names = nodes.map(({ name }) => name);
      expect(truncated).toBe(false);
      expect(names).toEqual(
        expect.arrayContaining([
          'sales/tills/receipts',
          'job:food_delivery:load_receipts',
          'dataset:postgres://postgres:5432:postgres.public.orders',
          'job:dbt-test-namespace:model.jaffle_shop.orders',
          'dataset:postgres://postgres:5432:postgres.public.stg_payments',
          'dataset:postgres://postgres:5432:postgres.public.raw_orders',
          'job:dbt-test-namespace:dbt-run-jaffle_shop',
          'job:food_delivery:dbt',
        ]),
      );
      // What the orders are not made of is not before them.
      expect(names).not.toContain('dataset:postgres://postgres:5432:postgres.public.raw_customers');
      const downstream = { direction: 'downstream', depth: 20, limit: 200 } as const;
      const from = 'dataset:postgres://postgres:5432:postgres.public.raw_orders';
      const after = await showLineage.run(seller, { node: from, ...downstream });
      expect(after.nodes.map(({ name }) => name)).toContain('marketing.media-plan.plan');
    });
  },
);
