import { distance } from 'fastest-levenshtein';
import { quoteIdentifier } from '../base/data-type.ts';
import type { Problem } from '../base/errors.ts';
import type { TableReference } from '../engines/engine.ts';
import type { Context } from '../identity/context.ts';
import { lowerCaseName, matchingDatasets, type SqlName, writtenName } from '../subscriptions/match-tables.ts';
import type { Reading } from '../subscriptions/plan-access.ts';
import type { Reader } from '../store/database.ts';
import { findLikeNamed, type LikeNamed, listDomainNames, readAccessFacts } from '../subscriptions/store.ts';

/** So many names of a statement get a suggestion: one with more mistakes is not a slip. */
const MOST_NAMES = 3;
/** Names near what was written that are looked at, and named. */
const MOST_JUDGED = 12;
const MOST_SHOWN = 3;

/** `did you mean sales.sell_out?` for names that are nothing to the caller: of what they may discover alone. */
export async function nearTables(
  context: Context,
  unknown: TableReference[],
  reading: Reading,
): Promise<Problem[]> {
  const problems: Problem[] = [];
  for (const reference of unknown.slice(0, MOST_NAMES)) {
    const near = await nearTo(context, reference, reading);
    if (near.length === 0) continue;
    problems.push({ message: `${writtenName(reference)}: did you mean ${near.join(' or ')}?` });
  }
  return problems;
}

async function nearTo(context: Context, reference: TableReference, reading: Reading): Promise<string[]> {
  const { reader } = context.database;
  const written = lowerCaseName(reference);
  if (written.schema.length + written.name.length > LONGEST) return [];
  const ranked = nearest(writtenAs(written), await candidatesOf(reader, written)).slice(0, MOST_JUDGED);
  if (ranked.length === 0) return [];
  const facts = await readAccessFacts(reader, {
    names: ranked.map(({ domain, product, dataset }) => ({ schema: `${domain}.${product}`, name: dataset })),
    domainIds: reading.domainIds,
    now: reading.now,
    releasesAt: null,
  });
  const visible = ranked.filter(
    ({ domain, product, dataset }) =>
      matchingDatasets(facts, { schema: `${domain}.${product}`, name: dataset }, reading).length > 0,
  );
  const names = visible.map((one) => {
    const { domain, product, dataset } = one;
    const isOnly = visible.every(
      (other) => other === one || other.domain !== domain || other.dataset !== dataset,
    );
    return `${quoted(isOnly ? domain : `${domain}.${product}`)}.${quoted(dataset)}`;
  });
  return names.slice(0, MOST_SHOWN);
}

/** Of the domains that are spelt like the one named; without a schema, of all. */
async function candidatesOf(reader: Reader, { schema, name }: SqlName): Promise<LikeNamed[]> {
  const [domain = '', ...product] = schema.split('.');
  if (schema === '') return findLikeNamed(reader, { domains: null, name });
  const names = await listDomainNames(reader);
  const domains = names.filter((one) => distance(plain(one), plain(domain)) <= slips(domain));
  return findLikeNamed(reader, { domains, name: [...product, name].join('.') });
}

/** Three names of 63 letters and their dots; a longer one is a slip of another kind. */
const LONGEST = 200;

function writtenAs({ schema, name }: SqlName): string {
  return schema === '' ? name : `${schema}.${name}`;
}

/** Those spelt like what was written, the nearest first: as short or long name, or as the product's alone. */
function nearest(written: string, candidates: LikeNamed[]): LikeNamed[] {
  const most = slips(written);
  return candidates
    .map((one) => ({
      one,
      edits: Math.min(...formsOf(one).map((form) => distance(plain(form), plain(written)))),
    }))
    .filter(({ edits }) => edits <= most)
    .sort((left, right) => left.edits - right.edits)
    .filter(({ edits }, _, [best]) => edits <= best!.edits + 1)
    .map(({ one }) => one);
}

function slips(written: string): number {
  return Math.max(2, Math.floor(written.length / 4));
}

function formsOf({ domain, product, dataset }: LikeNamed): string[] {
  return [
    dataset,
    product,
    `${domain}.${dataset}`,
    `${domain}.${product}`,
    `${domain}.${product}.${dataset}`,
  ];
}

/** `_` and `-` are mixed up most. */
function plain(name: string): string {
  return name.replace(/[-_]/g, '');
}

function quoted(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : quoteIdentifier(name);
}
