import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { MeshError, type Problem } from '../base/errors.ts';
import { lintContract } from '../contracts/read-contract.ts';
import { lintProduct } from '../contracts/read-product.ts';
import { bind, EXIT, type Shell } from './command.ts';

/** Needs no server and no mesh: it serves in any repository's pipeline. */
export function addLint(contract: Command, shell: Shell): void {
  const lint = contract
    .command('lint')
    .argument('<files...>', 'ODCS contracts, or ODPS products')
    .description('check documents against their standard, every problem with its place');
  bind(lint, shell, async ({ out }, paths) => {
    const files = await Promise.all(
      paths.map(async (path) => ({ path, problems: problemsOf(path, await readBytes(path)) })),
    );
    if (out.json) out.write(`${JSON.stringify({ files }, null, 2)}\n`);
    else {
      for (const { path, problems } of files) {
        if (problems.length === 0) out.write(`${path}: valid\n`);
        for (const { message, place } of problems) out.write(`${place ?? path}: ${message}\n`);
      }
    }
    return files.every(({ problems }) => problems.length === 0) ? EXIT.ok : EXIT.refused;
  });
}

function problemsOf(file: string, content: Uint8Array): Problem[] {
  const isProduct = /^kind:\s*['"]?DataProduct\b/m.test(new TextDecoder().decode(content));
  return (isProduct ? lintProduct({ file, content }) : lintContract({ file, content })).problems;
}

async function readBytes(path: string): Promise<Uint8Array> {
  return readFile(path).catch((cause: unknown) => {
    throw new MeshError('cli.file', { facts: { path }, cause });
  });
}
