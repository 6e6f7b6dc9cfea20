import type { ColumnUse } from '../audit/store.ts';
import { isoTime } from '../base/clock.ts';
import { compareContracts } from '../contracts/changes/compare-contracts.ts';
import type {
  Impact,
  JudgedDataset,
  PublicationFacts,
  RunningVersion,
  VersionChange,
} from './publication.ts';

/** Every difference between what is offered and what shall be, judged for those who read it; breaking first. */
export function compareVersions({ datasets, before, portsPlace }: PublicationFacts): VersionChange[] {
  if (before === null) return [];
  const changes = [
    ...before.datasets.flatMap((running) => {
      const next = datasets.find(({ name }) => name === running.name);
      return next === undefined ? [removed(running.name, portsPlace ?? null)] : compareDataset(running, next);
    }),
    ...datasets
      .filter(({ name }) => !before.datasets.some((running) => running.name === name))
      .map(({ name }) => added(name)),
  ];
  const rank = { breaking: 0, compatible: 1, cosmetic: 2 };
  return changes.sort((left, right) => rank[left.class] - rank[right.class]);
}

function compareDataset(running: RunningVersion['datasets'][number], next: JudgedDataset): VersionChange[] {
  if (running.text === next.text) return [];
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
  const hit = before.datasets.flatMap(({ id, name }) => {
    const touched = touchedBy(breaking.filter(({ dataset }) => dataset === name));
    const uses = before.use.filter((use) => use.datasetId === id && touched(use.column));
    return uses.map((use) => ({ use, dataset: name }));
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
