/** Of runs in the order they were made, the last one of each dataset: what its step has come to. */
export function latestSteps<Run extends { datasetId: string }>(runs: readonly Run[]): Run[] {
  return [...new Map(runs.map((run) => [run.datasetId, run])).values()];
}
