import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { typeName } from '../base/data-type.ts';
import { FileAnswer } from '../base/file-answer.ts';
import { newId } from '../base/ids.ts';
import { LIMITS } from '../base/limits.ts';
import { CONTENT_TYPES, type EngineOutput, type EngineResult, type FileFormat } from '../engines/engine.ts';
import { type Context, operation } from '../identity/context.ts';
import { INCIDENT_NOTE, type IncidentNote, incidentHeaders, notesOf } from './incident-notes.ts';
import { needPast } from './past-release.ts';
import { planAgain } from './plan-again.ts';
import { planQuery, type QueryPlan } from './query-plan.ts';
import { auditRefusals } from './refused-reads.ts';
import { ANSWER_FORMATS } from './answer-formats.ts';
import { runCancellable } from './running-queries.ts';
import { tellOfWaiting } from './tell-of-waiting.ts';

export const QUERY_ANSWER = z.object({
  id: z.string(),
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  rows: z.array(z.array(z.unknown())),
  rowCount: z.number(),
  truncated: z.boolean(),
  elapsedMs: z.number(),
  warnings: z.array(INCIDENT_NOTE).describe('living incidents of the datasets read'),
});

const DEFAULT_ROWS = 10_000;

export const runQuery = operation({
  name: 'query.run',
  summary: 'Run one SELECT over the datasets you may read; the answer holds what your access plans allow.',
  effect: 'read',
  http: { method: 'POST', path: '/query' },
  scope: 'query',
  input: z.strictObject({
    sql: z.string().min(1).max(LIMITS.sqlBytes),
    format: z.enum(ANSWER_FORMATS).default('rows'),
    purpose: z.string().max(500).optional().describe('which subscription to use, where several apply'),
    at: z.iso.datetime({ offset: true }).optional().describe('the releases as of this time'),
    limit: z.coerce.number().int().min(1).max(LIMITS.answerRows).default(DEFAULT_ROWS),
    id: z
      .string()
      .regex(/^qry_[0-9a-z]{8,40}$/, 'must be qry_ and 8 to 40 digits or lower-case letters')
      .optional()
      .describe('an id of your own, to cancel the query by'),
  }),
  output: z.union([QUERY_ANSWER, z.instanceof(FileAnswer)]),
  async run(context, input) {
    const id = input.id ?? newId('qry');
    const query = { id, principalId: context.caller.id, signal: context.request.signal };
    return runCancellable(query, async (signal) => {
      const parsed = await context.engine.parse(input.sql);
      const at = needPast(input.at, context);
      const { format, limit, purpose } = input;
      return planAgain(
        () =>
          tellOfWaiting(context, () =>
            auditRefusals(context, parsed.tables, () => planQuery(context, parsed, { purpose, at })),
          ),
        (plan) => answerQuery(context, { id, sql: parsed.canonical, plan, format, limit, signal }),
      );
    });
  },
});

export interface PlannedQuery {
  id: string;
  sql: string;
  plan: QueryPlan;
  format: (typeof ANSWER_FORMATS)[number];
  limit: number;
  signal: AbortSignal;
  /** SQL of ours is not guarded again. */
  trusted?: boolean;
  headers?: Record<string, string>;
}

/** Runs a planned statement and gives rows or a file; its use is recorded either way. */
export async function answerQuery(
  context: Context,
  query: PlannedQuery,
): Promise<z.output<typeof QUERY_ANSWER> | FileAnswer> {
  if (query.format !== 'rows') return answerFile(context, query, query.format);
  const result = await execute(context, query, { kind: 'rows', maxRows: query.limit });
  return {
    id: query.id,
    columns: result.columns.map(({ name, type }) => ({ name, type: typeName(type) })),
    rows: result.rows ?? [],
    rowCount: result.rowCount,
    truncated: result.truncated === true,
    elapsedMs: result.elapsedMs,
    warnings: warningsOf(query),
  };
}

function warningsOf({ plan }: PlannedQuery): IncidentNote[] {
  return notesOf(plan.datasets.map(({ planned }) => planned.facts));
}

async function answerFile(context: Context, query: PlannedQuery, format: FileFormat): Promise<FileAnswer> {
  const folder = join(context.settings.temporaryFolder, 'answers');
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${newId('qry')}.${format}`);
  const dispose = () => rm(path, { force: true });
  try {
    const result = await execute(context, query, { kind: 'file', path, format });
    return new FileAnswer({
      path,
      contentType: CONTENT_TYPES[format],
      fileName: `${query.id}.${format}`,
      headers: {
        'x-query-id': query.id,
        'x-row-count': String(result.rowCount),
        ...incidentHeaders(warningsOf(query)),
        ...query.headers,
      },
      dispose,
    });
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function execute(context: Context, query: PlannedQuery, output: EngineOutput): Promise<EngineResult> {
  const { engine, settings, caller } = context;
  const result = await engine.run(
    {
      sql: query.sql,
      relations: query.plan.relations,
      files: query.plan.files,
      output,
      timeoutMs: settings.queryMs,
      memoryBytes: settings.workerMemoryBytes,
      caller: caller.id,
      ...(query.trusted === true ? { trusted: true } : {}),
    },
    query.signal,
  );
  recordUse(context, query, result);
  return result;
}

function recordUse(context: Context, { id, plan }: PlannedQuery, result: EngineResult): void {
  const { caller, clock, request } = context;
  const at = clock.now();
  context.usage.record(
    plan.datasets.map(({ planned, columns }) => {
      const { via } = planned.plan;
      const domain = caller.domains.find(({ name }) => name === via.domain);
      return {
        at,
        queryId: id,
        subscriptionId: via.kind === 'subscription' ? via.id : null,
        elevationId: via.kind === 'elevation' ? via.id : null,
        datasetId: planned.facts.datasetId,
        principalId: caller.id,
        domainId: domain?.id ?? planned.facts.domainId,
        door: request.door,
        rows: result.rowCount,
        bytes: result.bytes,
        elapsedMs: result.elapsedMs,
        columns,
      };
    }),
  );
}
