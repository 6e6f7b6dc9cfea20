import { legalHold, subjectColumns } from '../../contracts/data-subjects.ts';
import type { Parts } from '../../identity/context.ts';
import type { MatchColumn } from '../erasure-model.ts';
import { type Followed, followColumns } from './follow-columns.ts';
import { type Around, lookAround, type NotLookedInto, personalOf } from './look-around.ts';
import {
  type DatasetFacts,
  type InputEdge,
  listEdges,
  listFormerReaders,
  listInputEdges,
  listReached,
  readDatasetFacts,
} from './store.ts';

/** A dataset that holds data of the subject, or may. */
export interface ScopedDataset extends DatasetFacts {
  /** Why nothing of it may be erased. */
  hold: string | null;
  /** The columns by which the subject's rows are found; none: they cannot be. */
  match: MatchColumn[];
  /** It may hold values of the subject that are not found by those columns. */
  lost: string[];
  /** Columns with personal values that nothing tells whose they are. */
  keyless: string[];
  isStart: boolean;
}

/** A table of a source that the subject's columns are made from. */
export interface ScopedSource {
  sourceId: string;
  /** `DOMAIN/SOURCE`. */
  source: string;
  table: string;
  columns: MatchColumn[];
  /** A dataset that is made from it and is under hold: then its files are, too. */
  heldFor: string | null;
}

export interface Scope {
  datasets: ScopedDataset[];
  sources: ScopedSource[];
  /** Datasets that the start is made from: they hold the subject and are not part of this. */
  above: string[];
  /** Datasets with personal data that may be the subject's: no key tells, or they were not asked for. */
  notLookedInto: NotLookedInto[];
}

export interface ScopeQuestion {
  /** The domain whose word for the subject counts. */
  domainId: string;
  startIds: string[];
  subject: string;
  /** One dataset was named: what else the domain marks is not part of it. */
  isNarrow: boolean;
}

/**
 * Where data of a subject may be: the start, what else the domain marks as the subject's, everything made of
 * them, and the sources they are made from.
 */
export async function readScope({ database }: Parts, asked: ScopeQuestion): Promise<Scope> {
  const { reader } = database;
  const around = await lookAround(reader, asked);
  const marked = asked.isNarrow ? [] : around.marked.map(({ id }) => id);
  const question = { ...asked, startIds: [...new Set([...asked.startIds, ...marked])] };
  const former = new Map<string, string>();
  let ids = new Set(question.startIds);
  // What was read once and is read no more leads to others in turn.
  for (let before = 0; before < ids.size;) {
    before = ids.size;
    ids = new Set([...ids, ...(await listReached(reader, [...ids]))]);
    const names = (await readDatasetFacts(reader, [...ids])).map(({ fullName }) => fullName);
    for (const { id, read } of await listFormerReaders(reader, names)) {
      if (!ids.has(id)) former.set(id, `an earlier version of it has read ${read}`);
      ids.add(id);
    }
  }
  const facts = await readDatasetFacts(reader, [...ids]);
  const followed = followColumns(
    facts.map((one) => ({
      id: one.id,
      columns: one.columns,
      marks: marksOf(one, question),
      personal: personalOf(one),
      isStart: question.startIds.includes(one.id),
      former: former.get(one.id) ?? null,
    })),
    await listEdges(reader, [...ids]),
  );
  const datasets = facts.flatMap((one) => {
    const found = followed.get(one.id);
    return found === undefined ? [] : [scoped(one, found, question.startIds.includes(one.id))];
  });
  const inputs = inputsOf(datasets, await listInputEdges(reader, [...ids]));
  return { datasets, ...inputs, notLookedInto: leftOut(around, datasets) };
}

/** What may hold data of the subject and is not part of the scope. */
function leftOut({ marked, keyless }: Around, datasets: ScopedDataset[]): NotLookedInto[] {
  const seen = new Set(datasets.map(({ id }) => id));
  const told = (list: DatasetFacts[], reason: string) =>
    list
      .filter(({ id }) => !seen.has(id))
      .map(({ id, fullName }) => ({ datasetId: id, dataset: fullName, reason }));
  return [
    ...told(marked, 'it marks the same subjects and was not asked for'),
    ...told(keyless, 'personal data, no subject key'),
  ];
}

/** The same word in another domain may mean other subjects. */
function marksOf({ domainId, contract }: DatasetFacts, question: ScopeQuestion) {
  if (domainId !== question.domainId) return [];
  return subjectColumns(contract).filter(({ subject }) => subject === question.subject);
}

function scoped(facts: DatasetFacts, { columns, lost }: Followed, isStart: boolean): ScopedDataset {
  const all = [...columns];
  const match = all.flatMap(([column, role]): MatchColumn[] =>
    role === 'personal' ? [] : [{ column, role }],
  );
  const keyless = match.length > 0 ? [] : all.map(([column]) => column);
  const hold = legalHold(facts.contract) ?? legalHold(facts.document);
  return { ...facts, hold, match, lost, keyless, isStart };
}

function inputsOf(datasets: ScopedDataset[], edges: InputEdge[]): Pick<Scope, 'sources' | 'above'> {
  const byId = new Map(datasets.map((dataset) => [dataset.id, dataset]));
  const sources = new Map<string, ScopedSource>();
  const above = new Set<string>();
  for (const edge of edges) {
    const to = byId.get(edge.toNode);
    const role = to?.match.find(({ column }) => column === edge.toColumn)?.role;
    if (to === undefined || role === undefined || edge.fromColumn === '') continue;
    if (!edge.transformations.some((kind) => kind.startsWith('DIRECT'))) continue;
    if (edge.kind === 'dataset') {
      if (!byId.has(edge.fromNode)) above.add(edge.name);
      continue;
    }
    const known = sources.get(edge.fromNode) ?? newSource(edge);
    sources.set(edge.fromNode, known);
    if (!known.columns.some(({ column }) => column === edge.fromColumn))
      known.columns.push({ column: edge.fromColumn, role });
    if (to.hold !== null) known.heldFor ??= to.fullName;
  }
  return { sources: [...sources.values()], above: [...above].sort() };
}

function newSource({ sourceId, name, table }: InputEdge): ScopedSource {
  return { sourceId: sourceId ?? '', source: name, table, columns: [], heldFor: null };
}
