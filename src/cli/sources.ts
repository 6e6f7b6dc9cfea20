import type { Command } from 'commander';
import { bind, EXIT, type Shell } from './command.ts';
import { addContractTest } from './contract-test.ts';
import { addDiff } from './diff.ts';
import { addLint } from './lint.ts';
import { count, printTable } from './output.ts';

interface CrawlAnswer {
  tables: {
    name: string;
    format: string;
    columns: unknown[];
    files: number;
    rows: number | null;
    bytes: number;
  }[];
  changes: string[];
  problems: { message: string; place?: string }[];
}

export function addSources(program: Command, shell: Shell): void {
  const crawl = program
    .command('crawl')
    .argument('<source>', 'DOMAIN/SOURCE')
    .description('look at a source and record its tables');
  bind(crawl, shell, async ({ client, out }, [name = '']) => {
    const [domain = '', source = ''] = name.split('/');
    const path = `/sources/${encodeURIComponent(domain)}/${encodeURIComponent(source)}/crawl`;
    const answer = await client.call<CrawlAnswer>({ method: 'POST', path, body: {} });
    if (out.json) return out.write(`${JSON.stringify(answer, null, 2)}\n`);
    printTable(
      out,
      ['table', 'format', 'columns', 'files', 'rows', 'bytes'],
      answer.tables.map((table) => [
        table.name,
        table.format,
        table.columns.length,
        table.files,
        table.rows === null ? '?' : count(table.rows),
        count(table.bytes),
      ]),
    );
    for (const change of answer.changes) out.write(`changed: ${change}\n`);
    for (const { message, place } of answer.problems)
      out.say(`problem: ${place === undefined ? '' : `${place} `}${message}\n`);
    return answer.problems.length === 0 ? EXIT.ok : EXIT.failed;
  });

  const contract = program
    .command('contract')
    .description('lint, compare and test contracts, or draft one from a crawled table');
  addLint(contract, shell);
  addDiff(contract, shell);
  addContractTest(contract, shell);

  const infer = contract
    .command('infer')
    .argument('<table>', 'DOMAIN/SOURCE/TABLE, crawled before')
    .description('draft an ODCS contract from a crawled table');
  bind(infer, shell, async ({ client, out }, [name = '']) => {
    const [domain, source, table] = name.split('/');
    const answer = await client.call<{ text: string }>({
      method: 'POST',
      path: '/contracts/infer',
      body: { domain, source, table },
    });
    out.write(out.json ? `${JSON.stringify(answer, null, 2)}\n` : answer.text);
  });
}
