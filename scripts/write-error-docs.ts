/** Writes docs/errors.md from the error table: `npm run docs:errors`. A test compares the two. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ERRORS, type ErrorEntry } from '../src/base/error-table.ts';

export const ERROR_DOCS = new URL('../docs/errors.md', import.meta.url);

const GROUPS: Record<string, string> = {
  '': 'General',
  input: 'Input',
  auth: 'Who you are and what you may do',
  limit: 'Limits',
  server: 'Server',
  policy: 'Policies, grants and row filters',
  config: 'Configuration',
  store: 'Metadata',
  lake: 'Tables',
  subscription: 'Subscriptions',
  contract: 'Contracts',
  product: 'Products',
  mesh: 'Mesh as code',
  query: 'Queries',
  cli: 'Command line',
  source: 'Sources',
  pipeline: 'Pipelines',
  webhook: 'Webhooks',
  secret: 'Secrets',
};

const HEAD = `# Errors

<!-- Made from src/base/error-table.ts by \`npm run docs:errors\`; change the table, not this file. -->

Every refusal has a code, a sentence and what to do. REST answers with problem details (RFC 9457):

\`\`\`json
{
  "type": "/docs/errors#query-no-subscription",
  "title": "none of your domains has an active subscription to sales.sell-out",
  "status": 403,
  "code": "query.no-subscription",
  "detail": "none of your domains has an active subscription to sales.sell-out",
  "fix": "Request access: \`crossdock request sales.sell-out --purpose \\"what you need it for\\"\`.",
  "facts": { "product": "sales.sell-out", "status": "published" },
  "problems": [],
  "requestId": "0b0f5c1e-8c5e-4f0e-9a39-0d3f3f0f9d55"
}
\`\`\`

\`problems\` lists everything wrong with an input at once, each with its place: \`file:line:column\` in a document,
a JSON pointer in a body. \`{names}\` below stand for facts of the case. The command line exits with 2 for a refusal,
with 1 where the server failed (status 500 and above) and with 64 for wrong usage. A code keeps its meaning for good;
sentences may be worded better from one version to the next, so programs should look at the code.
`;

/** The whole document: one section for each prefix, one entry for each code, in the order of the table. */
export function errorDocs(): string {
  const groups = Map.groupBy(Object.entries(ERRORS), ([code]) =>
    code.includes('.') ? code.split('.')[0]! : '',
  );
  const sections = [...groups].map(([prefix, entries]) =>
    [`## ${GROUPS[prefix] ?? prefix}\n`, ...entries.map(([code, entry]) => entryDocs(code, entry))].join(
      '\n',
    ),
  );
  return [HEAD, ...sections].join('\n');
}

/** Problem details link to the anchor: the code with dashes. */
function entryDocs(code: string, { status, message, fix }: ErrorEntry): string {
  return `### <a id="${code.replaceAll('.', '-')}"></a>\`${code}\` (${status})\n\n> ${asMarkdown(message)}\n\n${asMarkdown(fix)}\n`;
}

/** \`<file>\` in a sentence would be taken for HTML; inside backticks it is safe. */
function asMarkdown(sentence: string): string {
  return sentence
    .split('`')
    .map((part, index) => (index % 2 === 0 ? part.replaceAll('<', '&lt;') : part))
    .join('`');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(ERROR_DOCS, errorDocs());
