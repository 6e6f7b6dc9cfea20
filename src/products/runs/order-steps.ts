/** Which datasets each dataset reads, by id. */
export type InputsOf = ReadonlyMap<string, readonly string[]>;

export interface OrderedStep {
  datasetId: string;
  /** Steps of the same order that come before it. */
  after: string[];
}

/**
 * Datasets in an order in which each comes after those it reads (Kahn). What reads itself through others has
 * no order and is left out: `mesh-as-code` refuses it.
 */
export function orderSteps(datasetIds: Iterable<string>, inputsOf: InputsOf): OrderedStep[] {
  const ids = new Set(datasetIds);
  const open = new Map([...ids].map((id) => [id, new Set(within(ids, inputsOf.get(id), id))]));
  const readers = new Map<string, string[]>();
  for (const [id, inputs] of open) {
    for (const input of inputs) readers.set(input, [...(readers.get(input) ?? []), id]);
  }
  const ready = [...ids].filter((id) => open.get(id)!.size === 0);
  const ordered: OrderedStep[] = [];
  for (let next = ready.shift(); next !== undefined; next = ready.shift()) {
    ordered.push({ datasetId: next, after: within(ids, inputsOf.get(next), next) });
    for (const reader of readers.get(next) ?? []) {
      const waits = open.get(reader)!;
      waits.delete(next);
      if (waits.size === 0) ready.push(reader);
    }
  }
  return ordered;
}

function within(ids: Set<string>, inputs: readonly string[] = [], self: string): string[] {
  return [...new Set(inputs)].filter((input) => ids.has(input) && input !== self);
}
