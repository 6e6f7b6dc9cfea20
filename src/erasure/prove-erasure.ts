import type { Parts } from '../identity/context.ts';
import { decodeAvro } from '../lake/avro-file.ts';
import { everyFile } from '../lake/forget-files.ts';
import { loadTable, placeOf } from '../lake/lake.ts';
import { hasTable, tableIdOf } from '../lake/store.ts';
import { tableColumns } from '../lake/table.ts';
import type { Worker } from '../pipelines/run-statement.ts';
import type { Proof, SubjectValues } from './erasure-model.ts';
import { asked } from './plan-erasure.ts';
import { findRows } from './rows/forget-rows.ts';
import { holdsTextSql, tellingValues } from './rows/match-rows.ts';
import { countByFile } from './rows/read-files.ts';
import type { Scope, ScopedDataset } from './scope/read-scope.ts';

export interface Proving {
  scope: Scope;
  values: SubjectValues;
  worker: Worker;
}

/**
 * Looks whether anything of the subject is left: its rows, its values as text in any column, in any snapshot
 * there is, and in the tables' own metadata. What is under hold is known to be left and not looked at.
 */
export async function proveErasure(parts: Parts, { scope, values, worker }: Proving): Promise<Proof> {
  const proof: Proof = { tables: 0, files: 0, found: [] };
  for (const dataset of scope.datasets) {
    const tableId = tableIdOf(dataset.id);
    if (dataset.hold !== null || !(await hasTable(parts.database.reader, tableId))) continue;
    proof.tables++;
    proof.found.push(...(await rowsLeft(parts, dataset, { values, worker })));
    const metadata = await metadataLeft(parts, tableId, tellingValues(values));
    proof.files += metadata.files;
    proof.found.push(...metadata.found.map((key) => `${dataset.fullName}: the metadata ${key}`));
  }
  return proof;
}

async function rowsLeft(
  parts: Parts,
  dataset: ScopedDataset,
  { values, worker }: { values: SubjectValues; worker: Worker },
): Promise<string[]> {
  const found: string[] = [];
  const rows = dataset.match.length === 0 ? null : await findRows(parts, asked(dataset, { values, worker }));
  if (rows !== null && rows.byLocation.size > 0)
    found.push(`${dataset.fullName}: rows of the subject in ${rows.byLocation.size} files`);
  const table = await loadTable(parts.lake, tableIdOf(dataset.id));
  const columns = tableColumns(table);
  const condition = holdsTextSql(columns, tellingValues(values));
  if (condition === null) return found;
  const counts = await countByFile(parts, await everyFile(parts.lake, table), { worker, columns, condition });
  const texts = [...counts.values()].reduce((sum, count) => sum + count, 0);
  if (texts > 0) found.push(`${dataset.fullName}: a value of the subject in the text of ${texts} rows`);
  return found;
}

/** Objects beside the data files: metadata as it stands, manifests unpacked. */
async function metadataLeft(
  { lake }: Parts,
  tableId: string,
  values: string[],
): Promise<{ files: number; found: string[] }> {
  const { prefix } = placeOf(await loadTable(lake, tableId));
  const needles = values.map((value) => Buffer.from(value));
  let files = 0;
  const found: string[] = [];
  for await (const { key } of lake.objects.list(`${prefix}/metadata`)) {
    files++;
    const bytes = await lake.objects.read(key);
    const parts = [
      Buffer.from(bytes),
      ...(key.endsWith('.avro') ? bytesIn(decodeAvro(bytes, key).entries) : []),
    ];
    if (parts.some((part) => needles.some((needle) => part.includes(needle)))) found.push(key);
  }
  return { files, found };
}

/** Every text and every run of bytes at or below a decoded value. */
function bytesIn(value: unknown): Buffer[] {
  if (typeof value === 'string') return [Buffer.from(value)];
  if (value instanceof Uint8Array) return [Buffer.from(value)];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(bytesIn);
}
