import type { Problem } from '../base/errors.ts';
import type { TableReference } from '../engines/engine.ts';
import { isNamed } from '../pipelines/rounds/is-triggered.ts';
import { meant } from '../contracts/suggest.ts';
import type {
  DeclaredDataset,
  DeclaredDomain,
  DeclaredProduct,
  DeclaredSource,
  DeclaredSql,
} from './declaration.ts';
import { fullName } from './declaration.ts';
import { plainName } from './majors.ts';
import type { NamedProduct, Names } from './names-in-reach.ts';
import { placeOfTable } from './read-inputs.ts';

/** What a dataset reads: a table of an own source, or a dataset of an own or another domain's product. */
export type Input =
  | { kind: 'source'; name: string; source: string }
  | { kind: 'dataset'; name: string; product: string; datasetId: string | null };

export interface ResolvedInputs {
  /** By `product.dataset` of the domain. */
  inputs: Map<string, Input[]>;
  problems: Problem[];
  warnings: Problem[];
}

export interface InputFacts {
  names: Names;
  /** Tables that each SQL file names. */
  tables: Map<string, TableReference[]>;
  /** Products (`domain.product`) of others that the domain subscribes to, or will have asked for. */
  subscribed: Set<string>;
  /** Its active subscriptions: a name without a major means the oldest one it holds. */
  held: { product: string; major: number }[];
  /** Products that the caller may not discover: for them there are none. */
  hidden: Set<string>;
  /** Tables that the last crawl found in a source, which is as it was then. */
  crawled: Map<string, string[]>;
}

/** Finds what every SQL file of a domain reads. Names that mean nothing, or two things, are problems. */
export function resolveInputs(domain: DeclaredDomain, facts: InputFacts): ResolvedInputs {
  const resolved: ResolvedInputs = { inputs: new Map(), problems: [], warnings: [] };
  for (const product of domain.products) {
    for (const dataset of product.datasets) {
      resolved.inputs.set(
        `${product.name}.${dataset.name}`,
        resolveDataset({ domain, product, dataset }, facts, resolved),
      );
    }
  }
  return resolved;
}

interface Reader {
  domain: DeclaredDomain;
  product: DeclaredProduct;
  dataset: DeclaredDataset;
}

function resolveDataset(reader: Reader, facts: InputFacts, resolved: ResolvedInputs): Input[] {
  const { sql } = reader.dataset;
  if (sql === null) return [];
  const found = new Map<string, Input>();
  for (const reference of facts.tables.get(sql.file) ?? []) {
    const input = resolveOne(reference, reader, facts);
    const place = placeOfTable(sql, reference);
    if (typeof input === 'string') resolved.problems.push({ message: input, place });
    else {
      found.set(`${input.kind} ${input.name}`, input);
      resolved.warnings.push(...warnAbout(input, reader, { facts, place }));
      if (input.kind === 'dataset') resolved.problems.push(...refuseFiles(sql, reference));
    }
  }
  const inputs = [...found.values()].sort((left, right) => (left.name < right.name ? -1 : 1));
  resolved.problems.push(...checkTriggers(sql, inputs));
  return inputs;
}

/** A pipeline is started by what it reads: what it does not read would start it for nothing. */
function checkTriggers({ file, settings }: DeclaredSql, inputs: Input[]): Problem[] {
  const names = inputs.filter(({ kind }) => kind === 'dataset').map(({ name }) => name);
  const lines = settings.lines.filter(({ key }) => key === 'when');
  return settings.settings.triggers.flatMap((trigger, index): Problem[] => {
    if (trigger.kind !== 'release' || trigger.datasets === null) return [];
    const { line = 1, column = 1 } = lines[index] ?? {};
    return trigger.datasets
      .filter((name) => !names.some((input) => isNamed(name, input)))
      .map((name) => ({
        message: `the pipeline does not read ${name}, so its releases start nothing${meant(name, names)}`,
        place: `${file}:${line}:${column}`,
      }));
  });
}

/** A dataset has releases; the files below them are written anew whenever it pleases the lake. */
function refuseFiles({ file, settings }: DeclaredSql, { schema, name }: TableReference): Problem[] {
  const { incremental } = settings.settings;
  if (incremental?.kind !== 'files') return [];
  const { input } = incremental;
  if (input.schema !== schema.toLowerCase() || input.name !== name.toLowerCase()) return [];
  const { line = 1, column = 1 } = settings.lines.find(({ key }) => key === 'incremental') ?? {};
  const text = `${written(input.schema)}.${input.name}`;
  const message = `${text} is a dataset, which has no files to read on: write \`growing COLUMN of ${text}\``;
  return [{ message, place: `${file}:${line}:${column}` }];
}

/** The input, or the sentence that says why there is none. */
function resolveOne(reference: TableReference, reader: Reader, facts: InputFacts): Input | string {
  const { domain } = reader;
  const schema = reference.schema.toLowerCase();
  const name = reference.name.toLowerCase();
  if (schema === '') return `write the source or domain before ${name}${suggestions(name, domain, facts)}`;
  const source = domain.sources.find((one) => one.name === schema);
  if (source !== undefined) return sourceTable(source, name);
  const offered = [...facts.names.products]
    .filter(([key, product]) => inSchema(key, product, schema))
    .filter(([key, product]) => product.domain === domain.name || !facts.hidden.has(plainName(key)))
    .map(([key]) => majorMeant(key, reader, facts))
    .flatMap((key) => {
      const datasets = facts.names.products.get(key)?.datasets;
      return datasets?.has(name) ? [[key, datasets.get(name) ?? null] as const] : [];
    });
  const [only, another] = offered;
  if (only !== undefined && another === undefined) {
    const [key, datasetId] = only;
    return { kind: 'dataset', name: `${key}.${name}`, product: plainName(key), datasetId };
  }
  if (only !== undefined) {
    const full = offered.map(([key]) => `"${key}".${name}`);
    return `${schema}.${name} could be ${full.join(' or ')}: write which one`;
  }
  return `there is no ${written(schema)}.${name} that ${domain.name} could read${suggestions(`${schema}.${name}`, domain, facts)}`;
}

/** A source without declared tables has those that its crawl finds: only a run can tell. */
function sourceTable({ name: source, document }: DeclaredSource, table: string): Input | string {
  const tables = tablesOf(source, document);
  const name = `${source}.${table}`;
  if (tables.length > 0 && !tables.includes(name))
    return `the source ${source} has no table ${table}${meant(name, tables)}`;
  return { kind: 'source', name, source };
}

function inSchema(key: string, product: NamedProduct, schema: string): boolean {
  return schema === key || (schema === product.domain && !key.includes('@'));
}

/** Datasets of one major read each other; a consumer reads the oldest major it holds, as its queries do. */
function majorMeant(key: string, { product }: Reader, { held, names }: InputFacts): string {
  if (key.includes('@')) return key;
  const own = key === fullName(product) ? [product.major] : [];
  const majors = held.filter((one) => one.product === key).map(({ major }) => major);
  const address = `${key}@${Math.min(...own, ...majors)}`;
  const current = names.products.get(key)?.major;
  const isOther = names.products.has(address) && names.products.get(address)?.major !== current;
  return isOther ? address : key;
}

function written(schema: string): string {
  return schema.includes('.') ? `"${schema}"` : schema;
}

/** Only what the domain may know about: its own sources and products, and what it subscribes to. */
function suggestions(
  name: string,
  domain: DeclaredDomain,
  { names, subscribed, hidden }: InputFacts,
): string {
  const candidates = new Set(
    domain.sources.flatMap(({ name: source, document }) => tablesOf(source, document)),
  );
  for (const [key, product] of names.products) {
    const plain = plainName(key);
    if (product.domain !== domain.name && (!subscribed.has(plain) || hidden.has(plain))) continue;
    for (const dataset of product.datasets.keys()) candidates.add(`${product.domain}.${dataset}`);
  }
  return meant(name, [...candidates]);
}

function tablesOf(source: string, document: Record<string, unknown>): string[] {
  const tables = document['tables'];
  return typeof tables === 'object' && tables !== null
    ? Object.keys(tables).map((table) => `${source}.${table}`)
    : [];
}

function warnAbout(
  input: Input,
  { domain, product, dataset }: Reader,
  { facts, place }: { facts: InputFacts; place: string },
): Problem[] {
  if (input.kind === 'source') return warnOfMissing(input, facts.crawled.get(input.source), place);
  if (input.product.startsWith(`${domain.name}.`) || facts.subscribed.has(input.product)) {
    return [];
  }
  const message = `${domain.name} has no subscription to ${input.product}: runs of ${product.name}.${dataset.name} will be refused until it has one`;
  return [{ message, place }];
}

/** Files may come until the run, which crawls anew: no reason to refuse. */
function warnOfMissing(
  { name, source }: Extract<Input, { kind: 'source' }>,
  found: string[] | undefined,
  place: string,
): Problem[] {
  const tables = (found ?? []).map((table) => `${source}.${table}`.toLowerCase());
  if (tables.length === 0 || tables.includes(name)) return [];
  const message = `the last crawl of the source ${source} found no table ${name}${meant(name, tables)}`;
  return [{ message, place }];
}

/** Datasets that (through others) read themselves. `edges`: full dataset name to the names it reads. */
export function findCycle(edges: Map<string, string[]>): string[] | null {
  const done = new Set<string>();
  for (const start of edges.keys()) {
    const cycle = cycleFrom(start, edges, done);
    if (cycle !== null) return cycle;
  }
  return null;
}

/** Depth first with a stack of its own: a chain of datasets may be longer than the call stack. */
function cycleFrom(start: string, edges: Map<string, string[]>, done: Set<string>): string[] | null {
  const path: { name: string; next: number }[] = [{ name: start, next: 0 }];
  const onPath = new Set([start]);
  while (path.length > 0) {
    const top = path.at(-1)!;
    const read = done.has(top.name) ? undefined : (edges.get(top.name) ?? [])[top.next++];
    if (read === undefined) {
      done.add(top.name);
      onPath.delete(top.name);
      path.pop();
    } else if (onPath.has(read)) {
      const names = path.map(({ name }) => name);
      return [...names.slice(names.indexOf(read)), read];
    } else if (!done.has(read)) {
      onPath.add(read);
      path.push({ name: read, next: 0 });
    }
  }
  return null;
}
