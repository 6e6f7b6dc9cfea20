import type { Parts } from '../identity/context.ts';
import { abandonRunJob } from './abandon-run.ts';
import { continueErasuresJob } from './continue-erasures.ts';
import { deliverEventsJob } from './deliver-events.ts';
import { eraseSubjectJob } from './erase-subject.ts';
import { expireRowsJob } from './expire-rows.ts';
import { expireSubscriptionsJob } from './expire-subscriptions.ts';
import { forwardLineageJob } from './forward-lineage.ts';
import { maintainTablesJob } from './maintain-tables.ts';
import { proveAccessJob } from './prove-access.ts';
import { runPipelineJob } from './run-pipeline.ts';
import { settleStepsJob } from './settle-steps.ts';
import { startScheduledRunsJob } from './start-scheduled-runs.ts';
import { watchDeadlinesJob } from './watch-deadlines.ts';
import { sendWebhookJob } from './send-webhook.ts';
import { sunsetProductsJob } from './sunset-products.ts';

/** Starts working on every kind of job. */
export async function startJobs(parts: Parts, stopping: AbortSignal): Promise<void> {
  await runPipelineJob(parts, stopping);
  await abandonRunJob(parts);
  await settleStepsJob(parts);
  await startScheduledRunsJob(parts);
  await eraseSubjectJob(parts, stopping);
  await continueErasuresJob(parts);
  await expireRowsJob(parts, stopping);
  await deliverEventsJob(parts);
  await sendWebhookJob(parts, stopping);
  await expireSubscriptionsJob(parts);
  await sunsetProductsJob(parts);
  await maintainTablesJob(parts);
  await forwardLineageJob(parts, stopping);
  await watchDeadlinesJob(parts);
  await proveAccessJob(parts, stopping);
}
