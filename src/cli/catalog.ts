import type { Command } from 'commander';
import { bind, type Shell } from './command.ts';
import { count, printTable } from './output.ts';

interface Hit {
  kind: string;
  domain: string;
  product: string | null;
  dataset: string | null;
  column: string | null;
  title: string;
  description: string;
}

interface ProductLine {
  domain: string;
  name: string;
  title: string;
  status: string;
  version: string;
  access: string;
  datasets: { sqlName: string; rows: number | null }[];
}

interface AuditAnswer {
  entries: {
    at: string;
    actor: string;
    action: string;
    object: string;
    allowed: boolean;
    reasons: string[];
  }[];
}

export function addCatalog(program: Command, shell: Shell): void {
  addSearch(program, shell);
  addProductList(program, shell);
  addAudit(program, shell);
}

function addSearch(program: Command, shell: Shell): void {
  const search = program
    .command('search')
    .argument('<text...>')
    .description('find domains, products, datasets and columns')
    .option('--kind <kind>', 'domain, product, dataset or column')
    .option('--domain <domain>', 'only in this domain');
  bind(search, shell, async ({ client, out }, words, { kind, domain }) => {
    const query = {
      text: words.join(' '),
      kind: kind as string | undefined,
      domain: domain as string | undefined,
    };
    const answer = await client.call<{ hits: Hit[] }>({ method: 'GET', path: '/search', query });
    if (out.json) return out.write(`${JSON.stringify(answer, null, 2)}\n`);
    if (answer.hits.length === 0) return out.write('nothing found that you may discover\n');
    printTable(
      out,
      ['kind', 'name', 'title', 'description'],
      answer.hits.map((hit) => [hit.kind, fullName(hit), hit.title, short(hit.description)]),
    );
  });
}

function addProductList(program: Command, shell: Shell): void {
  const products = program
    .command('products')
    .description('the products you may discover')
    .option('--domain <domain>', 'only of this domain');
  bind(products, shell, async ({ client, out }, _args, { domain }) => {
    const query = { domain: domain as string | undefined };
    const answer = await client.call<{ products: ProductLine[] }>({
      method: 'GET',
      path: '/products',
      query,
    });
    if (out.json) return out.write(`${JSON.stringify(answer, null, 2)}\n`);
    printTable(
      out,
      ['product', 'version', 'status', 'your access', 'datasets', 'rows'],
      answer.products.map((product) => [
        `${product.domain}.${product.name}`,
        product.version,
        product.status,
        product.access,
        product.datasets.map(({ sqlName }) => sqlName).join(', '),
        count(product.datasets.reduce((sum, { rows }) => sum + (rows ?? 0), 0)),
      ]),
    );
  });
}

function addAudit(program: Command, shell: Shell): void {
  const audit = program
    .command('audit')
    .description('decisions and changes of your domains, newest first')
    .option('--object <id>', 'only about this')
    .option('--limit <n>', 'how many', '20');
  bind(audit, shell, async ({ client, out }, _args, { object, limit }) => {
    const query = { object: object as string | undefined, limit: limit as string };
    const answer = await client.call<AuditAnswer>({ method: 'GET', path: '/audit', query });
    if (out.json) return out.write(`${JSON.stringify(answer, null, 2)}\n`);
    printTable(
      out,
      ['at', 'who', 'action', 'object', 'allowed', 'why'],
      answer.entries.map((entry) => [
        entry.at,
        entry.actor,
        entry.action,
        entry.object,
        entry.allowed ? 'yes' : 'no',
        entry.reasons.join('; '),
      ]),
    );
  });
}

function fullName({ domain, product, dataset, column }: Hit): string {
  return [domain, product, dataset, column].filter((part) => part !== null).join('.');
}

function short(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length <= 70 ? line : `${line.slice(0, 69)}…`;
}
