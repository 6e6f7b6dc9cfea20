import type { Parts } from '../../identity/context.ts';
import { forgetPages } from '../../store/forget-pages.ts';
import type { RecordReport } from '../erasure-model.ts';
import { countHolding, listTextColumns, lockHolding, replaceText, type TextColumn } from './store.ts';
import { withoutValues } from './without-values.ts';

/**
 * Takes the values out of what the mesh has noted by itself, and off the pages of the embedded database that
 * held them. Idempotent.
 */
export async function eraseRecords(parts: Parts, values: string[]): Promise<RecordReport[]> {
  const { database } = parts;
  const reports: RecordReport[] = [];
  const columns = (await listTextColumns(database)).filter(({ isNoted }) => isNoted);
  for (const { column } of await findHolding(parts, columns, values)) {
    const rows = await database.transact(async (transaction) => {
      const found = await lockHolding(transaction, column, values);
      for (const { place, text } of found) {
        const cleaned = cleanText(text, { column, values });
        if (cleaned !== null) await replaceText(transaction, column, { place, text: cleaned });
      }
      return found.length;
    });
    if (rows > 0) reports.push({ place: nameOf(column), rows });
  }
  await forgetPages(database, [...new Set(columns.map(({ schema, table }) => `${schema}.${table}`))]);
  return reports;
}

/** Texts that are JSON, such as the report of a test, are cleaned as JSON. */
function cleanText(
  text: string,
  { column, values }: { column: TextColumn; values: string[] },
): string | null {
  const parsed = column.isJson || text.startsWith('{') ? parse(text) : undefined;
  const cleaned = withoutValues(parsed ?? text, values);
  if (cleaned === null) return null;
  return parsed === undefined ? String(cleaned.value) : JSON.stringify(cleaned.value);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Where the values still stand in the metadata, in words. */
export async function findRecords(parts: Parts, values: string[]): Promise<string[]> {
  const found = await findHolding(parts, await listTextColumns(parts.database), values);
  return found.map(({ column, rows }) => {
    const counted = `${rows} ${rows === 1 ? 'row' : 'rows'}`;
    return `${counted} of ${nameOf(column)}, which people wrote or nothing changes`;
  });
}

/** Columns that hold one of the values, with how many rows; one statement a table. */
async function findHolding({ database }: Parts, columns: TextColumn[], values: string[]) {
  if (values.length === 0) return [];
  const found: Awaited<ReturnType<typeof countHolding>> = [];
  for (const own of Map.groupBy(columns, ({ schema, table }) => `${schema}.${table}`).values())
    found.push(...(await countHolding(database.reader, own, values)));
  return found;
}

function nameOf({ table, column }: TextColumn): string {
  return `${table}.${column}`;
}
