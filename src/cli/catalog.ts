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

export function addCatalog(program: Command, shell: Shell): void {
  addSearch(program, shell);
  addProductList(program, shell);
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

function fullName({ domain, product, dataset, column }: Hit): string {
  return [domain, product, dataset, column].filter((part) => part !== null).join('.');
}

function short(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length <= 70 ? line : `${line.slice(0, 69)}…`;
}
