import { type ParsedQuery, tableKey } from '../engines/engine.ts';
import type { Parts } from '../identity/context.ts';
import type { PipelineInput } from './resolve-inputs.ts';

/** A pipeline is a consumer: which columns it read counts as the use of its domain's subscriptions. */
export function recordPipelineUse(
  { usage, clock }: Parts,
  {
    run,
    inputs,
    columns,
  }: {
    run: { id: string; domainId: string };
    inputs: PipelineInput[];
    columns: ParsedQuery['columns'];
  },
): void {
  const at = clock.now();
  const read = inputs.filter((input) => input.kind === 'dataset');
  usage.record(
    read.map(({ reference, planned: { plan, facts } }) => ({
      at,
      queryId: run.id,
      subscriptionId: plan.via.kind === 'subscription' ? plan.via.id : null,
      datasetId: facts.datasetId,
      principalId: `pipeline ${run.domainId}`,
      domainId: run.domainId,
      door: 'job',
      // What a pipeline takes stays in the mesh: it counts when somebody reads what became of it.
      rows: 0,
      bytes: 0,
      elapsedMs: 0,
      columns: columns[tableKey(reference)] ?? plan.columns.map(({ name }) => name),
    })),
  );
}
