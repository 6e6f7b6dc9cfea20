/** Of runs in the order they were made, the last one of each dataset, and of each value of a backfill. */
export function latestSteps<Run extends { datasetId: string; backfillValue: string | null }>(
  runs: readonly Run[],
): Run[] {
  const keyOf = ({ datasetId, backfillValue }: Run) => JSON.stringify([datasetId, backfillValue]);
  return [...new Map(runs.map((run) => [keyOf(run), run])).values()];
}
