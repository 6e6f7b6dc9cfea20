import { z } from 'zod';
import { type Column, quoteIdentifier } from '../base/data-type.ts';
import { contentHash } from '../base/canonical.ts';
import { MeshError } from '../base/errors.ts';
import { FileAnswer, NotModified } from '../base/file-answer.ts';
import { newId } from '../base/ids.ts';
import { type Context, operation } from '../identity/context.ts';
import { duckdbFilter } from '../policy/compile/duckdb-filter.ts';
import { matchingDatasets, type SqlName } from '../subscriptions/match-tables.ts';
import { needPurpose, type PlannedDataset, planDataset } from '../subscriptions/plan-access.ts';
import { readAccessFacts } from '../subscriptions/store.ts';
import { type DatasetRequest, readDatasetRequest } from './dataset-request.ts';
import { incidentHeaders, notesOf } from './incident-notes.ts';
import { needPast, relationAsOf } from './past-release.ts';
import { planAgain } from './plan-again.ts';
import { auditRefusals } from './refused-reads.ts';
import { readingOf } from './query-plan.ts';
import { ANSWER_FORMATS } from './answer-formats.ts';
import { answerQuery } from './run-query.ts';
import { tellOfWaiting } from './tell-of-waiting.ts';

const NAMES = { domain: z.string(), product: z.string(), dataset: z.string() };

const INPUT = z.looseObject({
  ...NAMES,
  format: z.enum(ANSWER_FORMATS).default('rows'),
  cursor: z.string().max(500).optional(),
  purpose: z.string().max(500).optional(),
  at: z.iso.datetime({ offset: true }).optional(),
  ifNoneMatch: z.string().optional(),
});

const PAGE = z.object({
  release: z.number().describe('number of the release the rows are of'),
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  rows: z.array(z.record(z.string(), z.unknown())),
  next: z.string().nullable().describe('cursor of the next page'),
  etag: z.string(),
  headers: z.record(z.string(), z.string()).describe('living incidents, as header fields of the answer'),
});

export const readDataset = operation({
  name: 'dataset.read',
  summary: 'Rows of a dataset: typed filters, select, order, limit, cursor; the formats of queries.',
  effect: 'read',
  http: { method: 'GET', path: '/:domain/:product/:dataset' },
  scope: 'query',
  input: INPUT,
  output: z.union([PAGE, z.instanceof(FileAnswer), z.instanceof(NotModified)]),
  run: (context, input) =>
    planAgain(
      () => planPage(context, input),
      async (page) =>
        page.relation === null
          ? new NotModified(page.etag, page.headers)
          : readPage(context, { ...page, relation: page.relation }),
    ),
});

type Input = z.output<typeof INPUT>;

/** The page asked for; without a relation when the caller has it. */
async function planPage(context: Context, input: Input) {
  const { domain, product, dataset, format, cursor, purpose, at, ifNoneMatch, ...rest } = input;
  const { offset, ...from } = readCursor(cursor);
  const past = needPast(from.at ?? at, context);
  const planned = await findDataset(context, { domain, product, dataset, purpose, at: from.at ?? at });
  const request = readDatasetRequest(rest, visibleColumns(planned));
  needSamePlan(from, planned, request);
  const { release, plan, facts } = planned;
  const etag = `"${contentHash([release.id, release.snapshotId, plan.hash, request, offset, format]).slice(0, 32)}"`;
  const headers = incidentHeaders(notesOf([facts]));
  const relation = matchesEtag(ifNoneMatch, etag) ? null : await relationAsOf(context, planned, past);
  return { planned, request, offset, format, etag, headers, relation, files: relation?.files ?? [] };
}

/** RFC 9110 §13.1.2: any of a list, compared weakly; `*` is whatever there is. */
function matchesEtag(ifNoneMatch: string | undefined, etag: string): boolean {
  const given = ifNoneMatch?.split(',').map((one) => one.trim().replace(/^W\//, '')) ?? [];
  return given.includes(etag) || given.includes('*');
}

interface Wanted {
  domain: string;
  product: string;
  dataset: string;
  purpose: string | undefined;
  at: string | undefined;
}

/**
 * The dataset as this caller may see it.
 * @throws MeshError `not-found` for what they may not discover, `query.*` where access is missing
 */
export function findDataset(context: Context, wanted: Wanted): Promise<PlannedDataset> {
  const named = { schema: `${wanted.domain}.${wanted.product}`, name: wanted.dataset };
  return tellOfWaiting(context, () =>
    auditRefusals(context, [named], () => planNamed(context, named, wanted)),
  );
}

async function planNamed(context: Context, named: SqlName, wanted: Wanted): Promise<PlannedDataset> {
  const now = context.clock.now();
  const found = await readAccessFacts(context.database.reader, {
    names: [named],
    domainIds: context.caller.domains.map(({ id }) => id),
    now,
    releasesAt: wanted.at === undefined ? null : new Date(wanted.at),
  });
  const reading = readingOf(context, wanted.purpose);
  const [facts] = matchingDatasets(found, named, reading);
  if (facts === undefined) {
    const what = `dataset ${wanted.domain}.${wanted.product}.${wanted.dataset}`;
    throw new MeshError('not-found', { facts: { what } });
  }
  const planned = planDataset(facts, reading);
  needPurpose([planned], reading);
  return planned;
}

export function visibleColumns({ plan }: PlannedDataset): Column[] {
  return plan.columns.map(({ name, type, id }) => ({
    name,
    type,
    required: false,
    ...(id === undefined ? {} : { id }),
  }));
}

interface Page {
  planned: PlannedDataset;
  request: DatasetRequest;
  offset: number;
  format: (typeof ANSWER_FORMATS)[number];
  etag: string;
  headers: Record<string, string>;
  relation: Awaited<ReturnType<typeof relationAsOf>>;
}

async function readPage(context: Context, page: Page): Promise<z.output<typeof PAGE> | FileAnswer> {
  const { planned, request, offset, format, etag, relation } = page;
  const schema = 'served';
  const plan = {
    relations: [{ schema, name: 'dataset', sql: relation.sql, filtered: relation.filtered }],
    files: relation.files,
    datasets: [{ planned, columns: request.select }],
  };
  // One row more than asked tells whether there is a next page; files hold exactly what was asked.
  const limit = format === 'rows' ? request.limit + 1 : request.limit;
  const sql = selectSql(request, visibleColumns(planned), { limit, offset, from: `${schema}.dataset` });
  const { signal } = context.request;
  const query = { id: newId('qry'), sql, plan, format, limit, signal, trusted: true, headers: { etag } };
  const answer = await answerQuery(context, query);
  if (answer instanceof FileAnswer) return answer;
  const rows = answer.rows.slice(0, request.limit);
  return {
    release: planned.release.number,
    columns: answer.columns,
    rows: rows.map((row) => Object.fromEntries(answer.columns.map(({ name }, index) => [name, row[index]]))),
    next: answer.rows.length > request.limit ? writeCursor(page, offset + request.limit) : null,
    etag,
    headers: page.headers,
  };
}

/** Without an order the rows come as the release's files hold them, which never changes. */
function selectSql(
  request: DatasetRequest,
  columns: Column[],
  page: { limit: number; offset: number; from: string },
): string {
  const list = request.select.map(quoteIdentifier).join(', ');
  const filter = duckdbFilter(request.filter, { columns, alias: 'd' });
  const tieBreakers = columns.filter(({ name }) => !request.order.some(({ column }) => column === name));
  const order = [
    ...request.order.map(
      ({ column, descending }) => `d.${quoteIdentifier(column)} ${descending ? 'DESC' : 'ASC'} NULLS LAST`,
    ),
    ...tieBreakers.map(({ name }) => `d.${quoteIdentifier(name)}`),
  ];
  const ordered = request.order.length === 0 ? '' : ` ORDER BY ${order.join(', ')}`;
  return `SELECT ${list} FROM ${page.from} AS d WHERE ${filter}${ordered} LIMIT ${page.limit} OFFSET ${page.offset}`;
}

interface Cursor {
  offset: number;
  /** Time of the release the first page was read from. */
  at?: string;
  plan?: string;
  /** Of the release: another one when rows were erased from it or have expired. */
  snapshot?: string;
  /** Of what was asked for: other filters or another order are another reading. */
  request?: string;
}

const CURSOR = z.object({
  offset: z.number().int().min(0),
  at: z.string(),
  plan: z.string(),
  snapshot: z.string(),
  request: z.string(),
});

/** A cursor names the release and the plan it was made under: pages of one reading fit together. */
function writeCursor({ planned: { release, plan }, request }: Page, offset: number): string {
  const cursor: z.output<typeof CURSOR> = {
    ...{ offset, at: release.releasedAt, plan: plan.hash, snapshot: release.snapshotId },
    request: requestHash(request),
  };
  return Buffer.from(JSON.stringify(cursor)).toString('base64url');
}

function readCursor(text: string | undefined): Cursor {
  if (text === undefined) return { offset: 0 };
  try {
    return CURSOR.parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
  } catch (cause) {
    const problems = [{ message: 'the cursor is not one of ours; start without it', pointer: '/cursor' }];
    throw new MeshError('input.invalid', { problems, cause });
  }
}

/** Pages of one reading may be of different sizes. */
function requestHash({ limit: _limit, ...request }: DatasetRequest): string {
  return contentHash(request).slice(0, 16);
}

function needSamePlan(
  from: Omit<Cursor, 'offset'>,
  { plan, release }: PlannedDataset,
  request: DatasetRequest,
): void {
  if (from.request !== undefined && from.request !== requestHash(request)) {
    const message = 'the cursor belongs to another select, filter or order; start without it';
    throw new MeshError('input.invalid', { problems: [{ message, pointer: '/cursor' }] });
  }
  const isSame = from.plan === plan.hash && from.snapshot === release.snapshotId;
  if (from.plan === undefined || isSame) return;
  throw new MeshError('conflict', { facts: { what: 'what you may see of this dataset' } });
}
