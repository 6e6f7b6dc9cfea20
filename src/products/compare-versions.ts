import type { ColumnUse } from '../audit/store.ts';
import { isoTime } from '../base/clock.ts';
import { compareContracts } from '../contracts/changes/compare-contracts.ts';
import { hasVariables } from '../contracts/variables.ts';
import type {
  Impact,
  JudgedDataset,
  PublicationFacts,
  RunningDataset,
  RunningVersion,
  VersionChange,
} from './publication.ts';

/** Every difference between what is offered and what shall be, judged for those who read it; breaking first. */
export function compareVersions({ datasets, before, portsPlace }: PublicationFacts): VersionChange[] {
  if (before === null) return [];
  const changes = [
    ...before.datasets.flatMap((running) => {
      const next = datasets.find(({ name }) => name === running.name);
      const changes =
        next === undefined ? [removed(running.name, portsPlace ?? null)] : compareDataset(running, next);
      return running.released ? changes : changes.map(beforeRelease);
    }),
    ...datasets
      .filter(({ name }) => !before.datasets.some((running) => running.name === name))
      .map(({ name }) => added(name)),
  ];
  const rank = { breaking: 0, compatible: 1, cosmetic: 2 };
  return changes.sort((left, right) => rank[left.class] - rank[right.class]);
}

function compareDataset(running: RunningDataset, next: JudgedDataset): VersionChange[] {
  // With variables the same text may promise something else.
  if (running.text === next.text && !hasVariables(running.text)) return [];
  const before = { value: running.contract, text: running.text };
  const after = {
    value: next.contract,
    ...(next.text === undefined ? {} : { text: next.text }),
    ...(next.place === undefined ? {} : { place: next.place }),
  };
  return compareContracts(before, after).map(
    ({ code, pointer, message, place, tableColumns, ...change }) => ({
      class: change.class,
      ...{ code, pointer, message, place, tableColumns },
      dataset: running.name,
    }),
  );
}

/** What nobody has read yet breaks nobody. */
function beforeRelease(change: VersionChange): VersionChange {
  if (change.class !== 'breaking') return change;
  return { ...change, class: 'compatible', message: `${change.message} (nothing of it was released yet)` };
}

function removed(dataset: string, place: string | null): VersionChange {
  const message = `the dataset ${dataset} is no longer offered`;
  return {
    class: 'breaking',
    ...{ code: 'dataset-removed', pointer: '', message, tableColumns: [], dataset, place },
  };
}

function added(dataset: string): VersionChange {
  const message = `the dataset ${dataset} is new`;
  return {
    class: 'compatible',
    ...{ code: 'dataset-added', pointer: '', message, tableColumns: [], dataset, place: null },
  };
}

/** Who lately read what these changes break, by subscription: those who read most recently first. */
export function findImpact(changes: VersionChange[], before: RunningVersion | null): Impact[] {
  if (before === null) return [];
  const breaking = changes.filter((change) => change.class === 'breaking');
  return groupUse(before.use, (use) => {
    const read = before.datasets.find(({ id }) => id === use.datasetId)?.name;
    return read !== undefined && touchedBy(breaking.filter(({ dataset }) => dataset === read))(use.column)
      ? read
      : null;
  });
}

/** Use by subscription and dataset; `datasetOf` names the dataset of a use, or leaves it out. */
export function groupUse(use: ColumnUse[], datasetOf: (use: ColumnUse) => string | null): Impact[] {
  const hit = use.flatMap((one) => {
    const dataset = datasetOf(one);
    return dataset === null ? [] : [{ use: one, dataset }];
  });
  const groups = Map.groupBy(hit, ({ use, dataset }) =>
    JSON.stringify([use.subscriptionId, use.domain, dataset]),
  );
  return [...groups.values()]
    .map((group) =>
      impactOf(
        group[0]!,
        group.map(({ use }) => use),
      ),
    )
    .sort((left, right) => (left.lastUsedAt < right.lastUsedAt ? 1 : -1));
}

/** Columns by name; a change that names none concerns whoever reads the dataset. */
function touchedBy(breaking: VersionChange[]): (column: string) => boolean {
  if (breaking.some(({ tableColumns }) => tableColumns.length === 0)) return () => true;
  const columns = new Set(
    breaking.flatMap(({ tableColumns }) => tableColumns.map((name) => name.toLowerCase())),
  );
  return (column) => columns.has(column.toLowerCase());
}

function impactOf({ use, dataset }: { use: ColumnUse; dataset: string }, uses: ColumnUse[]): Impact {
  const last = uses.reduce(
    (latest, { lastUsedAt }) => (lastUsedAt > latest ? lastUsedAt : latest),
    use.lastUsedAt,
  );
  return {
    subscription: use.subscriptionId,
    domain: use.domain,
    purpose: use.purpose,
    dataset,
    columns: uses.map(({ column }) => column).sort(),
    // One query reads several columns: the most read one counts, not the sum.
    uses: Math.max(...uses.map((one) => one.uses)),
    lastUsedAt: isoTime(last),
  };
}
