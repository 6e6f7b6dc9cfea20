import type { Command } from 'commander';
import { tagText } from '../policy/tags.ts';
import { bind, EXIT, type Session, type Shell } from './command.ts';
import { count, dim, type Output, printTable } from './output.ts';

interface Explanation {
  dataset: string;
  access: {
    via: string;
    purpose: string | null;
    until: string | null;
    rows: string;
    reasons: string[];
    columns: ExplainedColumn[];
  } | null;
  refusal: { message: string; fix: string; reasons: string[] } | null;
}

interface ExplainedColumn {
  name: string;
  access: string;
  mask: { action: string } | null;
  reasons: string[];
  tags: { key: string; value: string; from: string }[];
}

export function addExplain(program: Command, shell: Shell): void {
  const explain = program
    .command('explain')
    .argument('[name]', 'DOMAIN.PRODUCT[.DATASET[.COLUMN]]')
    .description('why you can or cannot see it, who can, and what somebody can see')
    .option('--purpose <purpose>', 'which subscription, where several apply')
    .option('--as <principal>', 'why somebody else can or cannot: e-mail address or id')
    .option('--at <time>', 'as of a past moment')
    .option('--who', 'everybody who can see it, and by which path')
    .option(
      '--of <principal>',
      'everything that a person (e-mail address), a service account (DOMAIN/NAME) or a domain can see',
    );
  bind(explain, shell, async (session, [name], options) => {
    const { client, out } = session;
    const at = options['at'] as string | undefined;
    const of = options['of'] as string | undefined;
    if ((name === undefined) === (of === undefined)) {
      return explain.error('error: give a NAME, or --of PRINCIPAL', { exitCode: EXIT.usage });
    }
    if (name === undefined) return showAccess(session, { of, at });
    if (options['who'] === true) return showReaders(session, { name, at });
    const query = { name, at, purpose: options['purpose'], as: options['as'] } as Record<string, string>;
    const answer = await client.call<{ datasets: Explanation[] }>({ method: 'GET', path: '/explain', query });
    if (out.json) return out.write(`${JSON.stringify(answer, null, 2)}\n`);
    for (const { dataset, access, refusal } of answer.datasets) {
      out.write(`${dataset}\n`);
      if (refusal !== null) {
        out.write(`  not readable: ${refusal.message}\n`);
        for (const reason of refusal.reasons) out.write(`    ${reason}\n`);
        out.write(`  → ${refusal.fix}\n`);
      }
      if (access === null) continue;
      out.write(
        `  through ${access.via}${access.purpose === null ? '' : `, for ${JSON.stringify(access.purpose)}`}\n`,
      );
      if (access.until !== null) out.write(`  until ${access.until}\n`);
      out.write(`  rows: ${access.rows === 'true' ? 'all' : access.rows}\n`);
      for (const reason of access.reasons) out.write(`    ${reason}\n`);
      printColumns(out, access.columns);
    }
    return answer.datasets.every(({ access }) => access !== null) ? EXIT.ok : EXIT.refused;
  });
}

/** A tag that every column has is said once, above them. */
function printColumns(out: Output, columns: ExplainedColumn[]): void {
  const tags = columns.map((column) => column.tags.map(describeTag));
  const [first = [], ...others] = tags;
  const shared = others.length === 0 ? [] : first.filter((tag) => others.every((one) => one.includes(tag)));
  if (shared.length > 0) out.write(`  tags: ${shared.join(', ')}\n`);
  const own = tags.map((all) => all.filter((tag) => !shared.includes(tag)).join(', '));
  const hasOwn = own.some((text) => text !== '');
  printTable(
    out,
    ['column', 'you see', 'why', ...(hasOwn ? ['tags'] : [])],
    columns.map((column, at) => [
      column.name,
      column.mask?.action ?? column.access,
      column.reasons.join('; '),
      ...(hasOwn ? [own[at]!] : []),
    ]),
  );
}

/** Where a tag was set is said where it was not the column itself. */
function describeTag(tag: ExplainedColumn['tags'][number]): string {
  return tag.from === 'column' ? tagText(tag) : `${tagText(tag)} (${tag.from})`;
}

export interface Path {
  dataset: string;
  via: string;
  domain: string;
  subscription: string | null;
  purpose: string | null;
  until: string | null;
  rows: string;
  column: { access: string; mask: { action: string } | null } | null;
  visible: string[];
  masked: string[];
  hidden: string[];
}

export interface Reader {
  name: string;
  email: string | null;
  kind: string;
  paths: Path[];
}

/** Every path of one principal, page by page. */
async function showAccess(
  { client, out }: Session,
  { of, at }: { of: string | undefined; at: string | undefined },
): Promise<void> {
  const paths: Path[] = [];
  let principal: object = {};
  let after: string | null = null;
  do {
    const query = { of, at, after: after ?? undefined };
    const page: { principal: object; paths: Path[]; next: string | null } = await client.call({
      method: 'GET',
      path: '/access',
      query,
    });
    paths.push(...page.paths);
    ({ principal, next: after } = page);
  } while (after !== null);
  if (out.json) return out.write(`${JSON.stringify({ principal, paths }, null, 2)}\n`);
  printTable(
    out,
    ['dataset', 'through', 'rows', 'columns'],
    paths.map((path) => [path.dataset, ...shownPath(path)]),
  );
  out.say(dim(out, `${count(paths.length)} can be seen\n`));
}

export function throughOf({ via, domain, purpose, until }: Path): string {
  if (via === 'elevation') return `emergency, until ${until ?? ''}`;
  return via === 'own-domain' ? `member of ${domain}` : `${domain}, for ${purpose ?? ''}`;
}

/** Everybody who can see it, page by page. */
export async function readAllReaders(
  { client }: Session,
  { name, at }: { name: string; at?: string | undefined },
): Promise<Reader[]> {
  const readers: Reader[] = [];
  let after: string | null = null;
  do {
    const query = { name, at, after: after ?? undefined };
    const page: { readers: Reader[]; next: string | null } = await client.call({
      method: 'GET',
      path: '/readers',
      query,
    });
    readers.push(...page.readers);
    after = page.next;
  } while (after !== null);
  return readers;
}

/** A line for each path. */
async function showReaders(
  session: Session,
  { name, at }: { name: string; at: string | undefined },
): Promise<void> {
  const { out } = session;
  const readers = await readAllReaders(session, { name, at });
  if (out.json) return out.write(`${JSON.stringify({ readers }, null, 2)}\n`);
  const rows = readers.flatMap(({ name: who, email, paths }) =>
    paths.map((path) => [email ?? who, path.dataset, ...shownPath(path)]),
  );
  printTable(
    out,
    ['who', 'dataset', 'through', 'rows', name.split('.').length === 4 ? 'sees it' : 'columns'],
    rows,
  );
  out.say(dim(out, `${count(readers.length)} can see it\n`));
}

/** Through what, which rows, which columns. */
function shownPath(path: Path): string[] {
  return [throughOf(path), path.rows === 'true' ? 'all' : path.rows, columnsOf(path)];
}

function columnsOf({ column, visible, masked, hidden }: Path): string {
  if (column !== null) return column.mask?.action ?? 'plain';
  const parts = [`${visible.length} plain`];
  if (masked.length > 0) parts.push(`masked ${masked.join(', ')}`);
  if (hidden.length > 0) parts.push(`hidden ${hidden.join(', ')}`);
  return parts.join('; ');
}
