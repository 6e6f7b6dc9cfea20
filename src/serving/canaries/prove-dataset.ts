import { quoteIdentifier } from '../../base/data-type.ts';
import { isMeshError } from '../../base/errors.ts';
import { principalOf } from '../../audit/decisions.ts';
import { RefusedByPolicy } from '../../audit/policy-forbids.ts';
import type { Context } from '../../identity/context.ts';
import { readMetadata, type Table } from '../../lake/lake.ts';
import { readRelation } from '../../lake/relation.ts';
import { snapshotById } from '../../lake/snapshot.ts';
import { duckdbFilter } from '../../policy/compile/duckdb-filter.ts';
import type { RowFilter } from '../../policy/row-filter-model.ts';
import type { Row } from '../../policy/row-value.ts';
import {
  mayDiscover,
  type PlannedDataset,
  planDataset,
  subscriptionsOf,
} from '../../subscriptions/plan-access.ts';
import { type AccessFacts, readAccessFacts } from '../../subscriptions/store.ts';
import { readingOf } from '../query-plan.ts';
import { askDoor, type CanaryQuestion, type DoorAnswer, MOST_ROWS } from './ask-doors.ts';
import {
  chooseProbes,
  comparedColumns,
  expectedRows,
  filterOf,
  type Probe,
  readColumns,
  textOf,
} from './choose-probes.ts';
import { CANARY_DOORS, type CanaryDoor, type Finding } from './finding.ts';

export interface ProvenDataset {
  /** `unknown`: nothing could be said this time, or there is no release yet. */
  state: 'proven' | 'drift' | 'unknown';
  findings: Finding[];
  /** The grant stands, and a policy refuses what it grants. */
  isForbidden?: boolean;
}

/** Rows that are looked through for one that is shown and one that is hidden. */
const SAMPLE = 500;

interface Canary {
  context: Context;
  facts: AccessFacts;
  /** The grant, by its id; undefined where another right is used. */
  purpose: string | undefined;
}

/**
 * Whether both doors give of a dataset what this grant says, or after its end nothing by it. What they should
 * give is told by the reference of the plan's meaning over the release's own files.
 */
export async function proveDataset(
  context: Context,
  {
    datasetId,
    subscriptionId,
    wanted,
  }: { datasetId: string; subscriptionId: string; wanted: 'open' | 'closed' },
): Promise<ProvenDataset> {
  const [facts] = await readAccessFacts(context.database.reader, {
    datasetIds: [datasetId],
    domainIds: context.caller.domains.map(({ id }) => id),
    now: context.clock.now(),
    releasesAt: null,
  });
  if (facts === undefined || facts.status === 'retired') return { state: 'proven', findings: [] };
  const mine = subscriptionsOf(facts, { principal: principalOf(context.caller) });
  const isListed = mine.some(({ id }) => id === subscriptionId);
  if (wanted === 'open' && !isListed) return { state: 'unknown', findings: [] };
  if (wanted === 'closed' && isListed)
    return drift(CANARY_DOORS.map((door) => found(facts, door, 'still-open')));
  const canary = { context, facts, purpose: wanted === 'open' ? subscriptionId : mine[0]?.id };
  const planned = planOf(canary);
  if (planned === 'no-release') return { state: 'unknown', findings: [] };
  if (planned === 'forbidden') return { ...(await proveShut(canary)), isForbidden: wanted === 'open' };
  return planned === 'refused' ? proveShut(canary) : proveRows(canary, planned);
}

function planOf({
  context,
  facts,
  purpose,
}: Canary): PlannedDataset | 'refused' | 'forbidden' | 'no-release' {
  const reading = readingOf(context, purpose);
  // For them it does not exist at any door.
  if (!mayDiscover(facts, reading)) return 'forbidden';
  try {
    const planned = planDataset(facts, reading);
    return planned.plan.columns.length === 0 ? 'refused' : planned;
  } catch (error) {
    if (isMeshError(error, 'query.no-release')) return 'no-release';
    if (error instanceof RefusedByPolicy) return 'forbidden';
    if (isMeshError(error) && error.status < 500) return 'refused';
    throw error;
  }
}

async function proveShut(canary: Canary): Promise<ProvenDataset> {
  const columns = canary.facts.release?.columns.slice(0, 1).map(({ name }) => name) ?? [];
  if (columns.length === 0) return { state: 'proven', findings: [] };
  return verdict(canary, async (door) => {
    const answer = await askDoor(door, questionOf(canary, { columns, probe: [] }));
    return answer.kind === 'rows' ? 'still-open' : answer.kind === 'unknown' ? 'unknown' : null;
  });
}

async function proveRows(canary: Canary, planned: PlannedDataset): Promise<ProvenDataset> {
  const probes = await findProbes(canary, planned);
  if (probes === null) return { state: 'unknown', findings: [] };
  const hidden = planned.plan.hidden[0]?.name;
  return verdict(canary, async (door) => {
    for (const probe of [probes.allowed, probes.forbidden].filter((one) => one !== null)) {
      const judged = await compare(canary, { planned, door, probe });
      if (judged !== null) return judged;
    }
    if (hidden === undefined) return null;
    const answer = await askDoor(door, questionOf(canary, { columns: [hidden], probe: [] }));
    return answer.kind === 'rows' ? 'column-shown' : answer.kind === 'unknown' ? 'unknown' : null;
  });
}

type Judged = Finding['what'] | 'unknown' | null;

async function verdict(
  { facts }: Canary,
  judge: (door: CanaryDoor) => Promise<Judged>,
): Promise<ProvenDataset> {
  const judged = new Map<CanaryDoor, Judged>();
  for (const door of CANARY_DOORS) judged.set(door, await judge(door));
  const findings = [...judged].flatMap(([door, what]) =>
    what === null || what === 'unknown' ? [] : [found(facts, door, what)],
  );
  if (findings.length > 0) return drift(findings);
  return { state: [...judged.values()].includes('unknown') ? 'unknown' : 'proven', findings };
}

function drift(findings: Finding[]): ProvenDataset {
  return { state: 'drift', findings };
}

function found({ datasetId, dataset }: AccessFacts, door: CanaryDoor, what: Finding['what']): Finding {
  return { datasetId, dataset, door, what };
}

/** The door's rows with the values of a probe beside what the reference leaves of the same rows. */
async function compare(
  canary: Canary,
  { planned, door, probe }: { planned: PlannedDataset; door: CanaryDoor; probe: Probe },
): Promise<Judged> {
  const { plan } = planned;
  const raw = await readRaw(canary, planned, { filter: filterOf(probe), limit: MOST_ROWS + 1 });
  // Values that so many rows share tell no row from another.
  if (raw === null || raw.length > MOST_ROWS) return null;
  const compared = comparedColumns(plan).map(({ name }) => name);
  const columns = compared.length > 0 ? compared : plan.columns.slice(0, 1).map(({ name }) => name);
  const answer = await askDoor(door, questionOf(canary, { columns, probe }));
  return judgeRows(answer, { expected: expectedRows(plan, raw), comparable: compared.length > 0 });
}

function judgeRows(
  answer: DoorAnswer,
  { expected, comparable }: { expected: string[]; comparable: boolean },
): Judged {
  if (answer.kind === 'unknown') return 'unknown';
  if (answer.kind === 'refused') return expected.length > 0 ? 'unreadable' : null;
  const given = answer.rows.map(textOf).sort();
  if (given.length > expected.length) return 'row-shown';
  if (given.length < expected.length) return 'unreadable';
  return comparable && given.some((text, index) => text !== expected[index]) ? 'value-shown' : null;
}

async function findProbes(canary: Canary, planned: PlannedDataset) {
  const { plan, release } = planned;
  if (release.rows === 0) return { allowed: null, forbidden: null };
  const sample = await readRaw(canary, planned, { filter: { op: 'true' }, limit: SAMPLE });
  if (sample === null) return null;
  const probes = chooseProbes(plan, sample);
  if (plan.rowFilter.op === 'true') return probes;
  // The sample may lie on one side of the filter: the compiler finds candidates, the reference judges them.
  const others: { allowed: RowFilter; forbidden: RowFilter } = {
    allowed: plan.rowFilter,
    forbidden: { op: 'not', term: plan.rowFilter },
  };
  for (const side of ['allowed', 'forbidden'] as const) {
    if (probes[side] !== null) continue;
    const more = await readRaw(canary, planned, { filter: others[side], limit: 1 });
    probes[side] = chooseProbes(plan, more ?? [])[side];
  }
  return probes;
}

/** Rows of the release as its files hold them, by no door; null when it takes too long. */
async function readRaw(
  { context }: Canary,
  { plan, release, table }: PlannedDataset,
  { filter, limit }: { filter: RowFilter; limit: number },
): Promise<Row[] | null> {
  const loaded: Table = { ...table, metadata: await readMetadata(context.lake, table.metadataKey) };
  const snapshot = snapshotById(loaded, release.snapshotId);
  const relation = await readRelation(context.lake, loaded, { snapshot, columns: release.columns });
  const columns = readColumns(plan, release.columns);
  const where = duckdbFilter(filter, { columns, alias: 'd' });
  const list = columns.map(({ name }) => `d.${quoteIdentifier(name)}`).join(', ');
  try {
    const { rows = [] } = await context.engine.run(
      {
        sql: `SELECT ${list} FROM canaries.raw AS d WHERE ${where} LIMIT ${limit}`,
        relations: [{ schema: 'canaries', name: 'raw', sql: relation.sql, filtered: false }],
        files: relation.files,
        output: { kind: 'rows', maxRows: limit },
        timeoutMs: context.settings.queryMs,
        memoryBytes: context.settings.workerMemoryBytes,
        caller: 'canaries',
        trusted: true,
      },
      context.request.signal,
    );
    return rows.map((row) => Object.fromEntries(columns.map(({ name }, at) => [name, row[at] as never])));
  } catch (error) {
    if (isMeshError(error)) return null;
    throw error;
  }
}

function questionOf(
  { context, facts, purpose }: Canary,
  { columns, probe }: { columns: string[]; probe: Probe },
): CanaryQuestion {
  const { domain, product, major, dataset } = facts;
  return { context, domain, product: `${product}@${major}`, dataset, purpose, columns, probe };
}
