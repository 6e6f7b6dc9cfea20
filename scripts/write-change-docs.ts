/** Writes the tables of docs/protocols/contract-changes.md from the rules: `npm run docs:changes`. A test compares. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CHANGE_GROUPS } from '../src/contracts/changes/change-rules.ts';

export const CHANGE_DOCS = new URL('../docs/protocols/contract-changes.md', import.meta.url);

const BEGIN =
  '<!-- Made from src/contracts/changes/change-rules.ts by `npm run docs:changes`; change the rules, not this table. -->';
const END = '<!-- end of the rules -->';

/** The document with its tables made anew; what stands around them is written by hand. */
export function changeDocs(document: string): string {
  const [head, rest = ''] = document.split(BEGIN);
  const [, tail = ''] = rest.split(END);
  const tables = Object.entries(CHANGE_GROUPS).map(([title, rules]) => {
    const rows = Object.entries(rules).map(
      ([code, rule]) => `| \`${code}\` | ${rule.class} | ${rule.what} | ${rule.why} |`,
    );
    return [`### ${title}`, '', '| code | class | difference | why |', '|---|---|---|---|', ...rows, ''].join(
      '\n',
    );
  });
  return `${head}${BEGIN}\n\n${tables.join('\n')}\n${END}${tail}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(CHANGE_DOCS, changeDocs(readFileSync(CHANGE_DOCS, 'utf8')));
}
