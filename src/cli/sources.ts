import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { MeshError } from '../base/errors.ts';
import { bind, EXIT, type Shell } from './command.ts';
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

interface LintAnswer {
  files: { path: string; problems: { message: string; place?: string }[] }[];
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
    .description('lint contracts, or draft one from a crawled table');
  const lint = contract
    .command('lint')
    .argument('<files...>', 'ODCS documents')
    .description('check ODCS documents');
  bind(lint, shell, async ({ client, out }, paths) => {
    const files = await Promise.all(paths.map(async (path) => ({ path, text: await readText(path) })));
    const answer = await client.call<LintAnswer>({
      method: 'POST',
      path: '/contracts/lint',
      body: { files },
    });
    if (out.json) out.write(`${JSON.stringify(answer, null, 2)}\n`);
    else {
      for (const file of answer.files) {
        if (file.problems.length === 0) out.write(`${file.path}: valid\n`);
        for (const { message, place } of file.problems) out.write(`${place ?? file.path}: ${message}\n`);
      }
    }
    return answer.files.every(({ problems }) => problems.length === 0) ? EXIT.ok : EXIT.refused;
  });

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

async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw new MeshError('cli.file', { facts: { path }, cause });
  });
}
