import { duckdbType, quoteIdentifier, quoteLiteral } from '../../base/data-type.ts';
import { FileAnswer, NotModified } from '../../base/file-answer.ts';
import { isMeshError } from '../../base/errors.ts';
import { newId } from '../../base/ids.ts';
import type { Context } from '../../identity/context.ts';
import { readDataset } from '../read-dataset.ts';
import { runQuery } from '../run-query.ts';
import type { Probe } from './choose-probes.ts';
import type { CanaryDoor } from './finding.ts';

/** Whom a canary asks as, and about what. */
export interface CanaryQuestion {
  context: Context;
  /** `domain`, and `product@major`. */
  domain: string;
  product: string;
  dataset: string;
  /** Names the right to be used. */
  purpose: string | undefined;
  columns: string[];
  probe: Probe;
}

/** Rows of one probe: more are no probe. */
export const MOST_ROWS = 200;

/** What a door gave: rows, a refusal, or nothing that says anything. */
export type DoorAnswer =
  | { kind: 'rows'; rows: unknown[][] }
  | { kind: 'refused'; code: string }
  /** It was too busy, or took too long. */
  | { kind: 'unknown' };

/** Asks a door as a reader would: by the operation that the door is bound to, and nothing beside it. */
export async function askDoor(door: CanaryDoor, question: CanaryQuestion): Promise<DoorAnswer> {
  try {
    const rows = door === 'query' ? await askQuery(question) : await askDataApi(question);
    return { kind: 'rows', rows };
  } catch (error) {
    if (!isMeshError(error)) throw error;
    return error.status === 429 || error.status >= 500 || PASSING.has(error.code)
      ? { kind: 'unknown' }
      : { kind: 'refused', code: error.code };
  }
}

/** Says more of the server's day than of the grant. */
const PASSING = new Set<string>(['query.timeout', 'query.cancelled', 'query.killed', 'query.out-of-memory']);

async function askQuery(question: CanaryQuestion): Promise<unknown[][]> {
  const { domain, product, dataset, purpose, columns, probe } = question;
  const tests = probe.map(
    ({ name, type, text }) => `${quoteIdentifier(name)} = CAST(${quoteLiteral(text)} AS ${duckdbType(type)})`,
  );
  const where = tests.length === 0 ? '' : ` WHERE ${tests.join(' AND ')}`;
  const from = `${quoteIdentifier(`${domain}.${product}`)}.${quoteIdentifier(dataset)}`;
  const sql = `SELECT ${columns.map(quoteIdentifier).join(', ')} FROM ${from}${where} LIMIT ${MOST_ROWS + 1}`;
  const answer = await runQuery.run(asked(question, 'rest'), {
    sql,
    format: 'rows',
    limit: MOST_ROWS + 1,
    ...(purpose === undefined ? {} : { purpose }),
  });
  return answer instanceof FileAnswer ? [] : answer.rows;
}

async function askDataApi(question: CanaryQuestion): Promise<unknown[][]> {
  const { domain, product, dataset, purpose, columns, probe } = question;
  const answer = await readDataset.run(asked(question, 'data-api'), {
    ...{ domain, product, dataset, format: 'rows' },
    ...(purpose === undefined ? {} : { purpose }),
    select: columns.join(','),
    limit: String(MOST_ROWS + 1),
    ...Object.fromEntries(probe.map(({ name, text }) => [name, `eq.${text}`])),
  });
  if (answer instanceof FileAnswer || answer instanceof NotModified) return [];
  return answer.rows.map((row) => columns.map((name) => row[name]));
}

function asked({ context }: CanaryQuestion, door: 'rest' | 'data-api'): Context {
  return { ...context, request: { ...context.request, id: newId('req'), door } };
}
