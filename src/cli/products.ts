import type { Command } from 'commander';
import { bind, type Session, type Shell } from './command.ts';
import { showConsumers } from './consumers.ts';
import { pathOf } from './product-path.ts';
import { type Impact, printImpact, printVerdict, type VersionVerdict } from './verdict.ts';

export function addProducts(program: Command, shell: Shell): void {
  const product = program
    .command('product')
    .description('publish, deprecate or retire a product; who reads it');
  for (const verb of ['publish', 'deprecate', 'retire'] as const) {
    const command = product
      .command(verb)
      .argument('<product>', 'DOMAIN.PRODUCT, or DOMAIN.PRODUCT@MAJOR')
      .description(`${verb} a product`)
      .option('--dry-run', 'judge only, change nothing');
    if (verb === 'publish') command.option('--sunset <date>', 'last day on which the major before is served');
    if (verb === 'deprecate') command.option('--sunset <date>', 'last day on which it is served');
    bind(command, shell, async (session, [name = ''], options) => {
      const dryRun = options['dryRun'] === true;
      const body = { dryRun, ...(verb === 'retire' ? {} : { sunset: options['sunset'] }) };
      const path = `${pathOf(name)}/${verb}`;
      const answer = await session.client.call<Transition>({ method: 'POST', path, body });
      if (session.out.json) return session.out.write(`${JSON.stringify(answer, null, 2)}\n`);
      if (answer.verdict !== undefined)
        printVerdict(session.out, `${name} ${answer.version}`, answer.verdict);
      session.out.write(`${name} ${dryRun ? 'may become' : 'is'} ${answer.status}\n`);
      if (answer.ownDomainOnly === true) session.out.write(closedText(name));
    });
  }

  const impact = product
    .command('impact')
    .argument('<name>', 'DOMAIN.PRODUCT[.DATASET[.COLUMN]]')
    .description('who read it in the last 90 days');
  bind(impact, shell, showImpact);

  const consumers = product
    .command('consumers')
    .argument('<product>', 'DOMAIN.PRODUCT, or DOMAIN.PRODUCT@MAJOR')
    .description('who holds it: its subscriptions, and the people and service accounts that read by them');
  bind(consumers, shell, (session, [name = '']) => showConsumers(session, name));
}

interface Transition {
  status: string;
  version: string;
  verdict?: VersionVerdict;
  /** Of a publication: no policy lets anybody else find it. */
  ownDomainOnly?: boolean;
}

function closedText(name: string): string {
  const [domain = ''] = name.split('.');
  return (
    `  but nobody outside ${domain} can find it, administrators aside\n` +
    '  → Permit product.discover and product.request in the access.cedar beside it, or in policies/ of the mesh, and apply.\n'
  );
}

async function showImpact({ client, out }: Session, [name = '']: string[]): Promise<void> {
  const [domain = '', product = '', dataset, ...column] = name.split('.');
  const query = new URLSearchParams({
    ...(dataset === undefined ? {} : { dataset }),
    ...(column.length === 0 ? {} : { column: column.join('.') }),
  });
  const path = `${pathOf(`${domain}.${product}`)}/impact?${query}`;
  const answer = await client.call<{ since: string; impact: Impact[] }>({ method: 'GET', path });
  if (out.json) return out.write(`${JSON.stringify(answer, null, 2)}\n`);
  if (answer.impact.length > 0) printImpact(out, answer.impact);
  else out.write(`nobody has read ${name} since ${answer.since}\n`);
}
