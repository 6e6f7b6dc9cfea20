import type { Command } from 'commander';
import { bind, type Session, type Shell } from './command.ts';
import { dim, type Output, printTable } from './output.ts';

interface Node {
  id: string;
  kind: string;
  name: string;
  label: string;
  domain: string;
  doubts: string[];
  until: string | null;
}

interface Graph {
  start: string[];
  nodes: Node[];
  edges: { from: string; to: string; level: 'column' | 'table' | 'parent' }[];
  truncated: boolean;
}

interface Impact {
  affected: { name: string; kind: string; how: string; columns: { name: string; how: string }[] }[];
  subscriptions: { id: string; domain: string; product: string; purpose: string; until: string | null }[];
  truncated: boolean;
}

export function addLineage(program: Command, shell: Shell): void {
  const lineage = program
    .command('lineage')
    .argument('<name>', 'DOMAIN.PRODUCT[.DATASET[.COLUMN]], or DOMAIN/SOURCE[/TABLE]')
    .description('what it is made of and what is made of it')
    .option('--up', 'only what it is made of')
    .option('--down', 'only what is made of it')
    .option('--depth <steps>', 'how far', '5');
  bind(lineage, shell, async ({ client, out }, [node = ''], { up, down, depth }) => {
    const direction = up === down ? 'both' : up === true ? 'upstream' : 'downstream';
    const query = { node, direction, depth: depth as string };
    const graph = await client.call<Graph>({ method: 'GET', path: '/lineage/graph', query });
    if (out.json) return out.write(`${JSON.stringify(graph, null, 2)}\n`);
    if (direction !== 'downstream') printTree(out, graph, 'from');
    if (direction !== 'upstream') printTree(out, graph, 'to');
    if (graph.truncated)
      out.say('There is more: ask for a greater --depth, or for one of the names above.\n');
  });
  const impact = program
    .command('impact')
    .argument('<name>', 'DOMAIN.PRODUCT[.DATASET[.COLUMN]], or DOMAIN/SOURCE/TABLE')
    .description('which datasets, columns and subscriptions hang on it')
    .option('--column <column>', 'of a source table');
  bind(impact, shell, showImpact);
}

async function showImpact({ client, out }: Session, [node = '']: string[], options: object): Promise<void> {
  const { column } = options as { column?: string };
  const answer = await client.call<Impact>({
    method: 'GET',
    path: '/lineage/impact',
    query: { node, column },
  });
  if (out.json) return out.write(`${JSON.stringify(answer, null, 2)}\n`);
  if (answer.affected.length + answer.subscriptions.length === 0)
    return out.say('Nothing that you can see hangs on it.\n');
  printTable(
    out,
    ['what', 'how', 'columns'],
    answer.affected.map(({ name, how, columns }) => [name, how, columns.map((one) => one.name).join(', ')]),
  );
  if (answer.subscriptions.length > 0) out.write('\n');
  if (answer.subscriptions.length > 0) {
    printTable(
      out,
      ['subscription', 'domain', 'product', 'purpose', 'until'],
      answer.subscriptions.map(({ id, domain, product, purpose, until }) => [
        id,
        domain,
        product,
        purpose,
        until,
      ]),
    );
  }
  if (answer.truncated) out.say('There is more than one answer holds.\n');
}

/** Each start with what is before (`from`) or behind (`to`) it, a line a node; what stood above is not unfolded again. */
function printTree(out: Output, { start, nodes, edges }: Graph, end: 'from' | 'to'): void {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const other = end === 'from' ? 'to' : 'from';
  const shown = new Set<string>();
  out.write(end === 'from' ? 'made of\n' : 'used by\n');
  const lineOf = (id: string, depth: number, isByTables: boolean) => {
    const node = byId.get(id);
    if (node === undefined) return;
    const again = shown.has(id) ? ' …' : '';
    out.write(
      `${'  '.repeat(depth)}${describe(node)}${isByTables ? dim(out, '  (by tables)') : ''}${again}\n`,
    );
    if (shown.has(id)) return;
    shown.add(id);
    for (const edge of edges.filter((one) => one[other] === id)) {
      const byTables = edge.level === 'table' && byId.get(edge[end])?.kind !== 'subscription';
      lineOf(edge[end], depth + 1, byTables);
    }
  };
  for (const id of start) lineOf(id, 1, false);
}

function describe({ kind, name, label, domain, until }: Node): string {
  if (kind !== 'subscription') return name;
  return `${domain} subscribes: ${label}${until === null ? '' : ` (until ${until.slice(0, 10)})`}`;
}
