import type { Command } from 'commander';
import { readMeshFolder } from '../mesh-as-code/read-mesh-folder.ts';
import { bind, EXIT, type Options, type Session, type Shell } from './command.ts';
import { count, printTable } from './output.ts';
import { printVerdict, type VersionVerdict } from './verdict.ts';

interface Change {
  action: 'create' | 'update' | 'remove' | 'unchanged';
  kind: string;
  name: string;
  details: string[];
}

interface Answer {
  changes: Change[];
  versions?: (VersionVerdict & { product: string; version: string })[];
  warnings?: { message: string; place?: string }[];
}

export function addMeshFolder(program: Command, shell: Shell): void {
  const plan = program
    .command('plan')
    .argument('[dir]', 'folder of the mesh, or of one domain', '.')
    .description('show what apply would change; changes nothing (exit code 2: there are changes)')
    .option('--domain <domain>', 'only this domain')
    .option('--access', 'who would gain and who would lose what, instead');
  bind(plan, shell, async (session, args, options) => {
    if (options['access'] === true) return showAccess(session, args[0] ?? '.', options);
    const changes = await send(session, { path: '/plan', folder: args[0] ?? '.', options });
    return changes === 0 ? EXIT.ok : EXIT.refused;
  });

  const apply = program
    .command('apply')
    .argument('[dir]', 'folder of the mesh, or of one domain', '.')
    .description('make the mesh as the folder says')
    .option('--domain <domain>', 'only this domain');
  bind(apply, shell, async (session, args, options) => {
    await send(session, { path: '/apply', folder: args[0] ?? '.', options });
  });
}

interface AccessChange {
  change: string;
  who: string;
  dataset: string;
  domain: string;
  purpose: string | null;
  details: string[];
}

async function showAccess({ client, out }: Session, folder: string, options: Options): Promise<number> {
  const body = { files: await readMeshFolder(folder), domain: options['domain'] };
  const answer = await client.call<{ changes: AccessChange[] }>({ method: 'POST', path: '/rehearse', body });
  const { changes } = answer;
  if (out.json) {
    out.write(`${JSON.stringify(answer, null, 2)}\n`);
  } else {
    if (changes.length > 0)
      printTable(out, ['', 'who', 'dataset', 'through', 'what'], changes.map(accessRow));
    out.say(`${count(changes.length)} changes of who sees what\n`);
  }
  return changes.length === 0 ? EXIT.ok : EXIT.refused;
}

function accessRow({ change, who, dataset, domain, purpose, details }: AccessChange): string[] {
  const through = purpose === null ? `member of ${domain}` : `${domain}, for ${purpose}`;
  return [change, who, dataset, through, details.join('; ')];
}

async function send(
  { client, out }: Session,
  request: { path: string; folder: string; options: Options },
): Promise<number> {
  const files = await readMeshFolder(request.folder);
  const body = { files, domain: request.options['domain'] };
  const answer = await client.call<Answer>({ method: 'POST', path: request.path, body });
  const changes = answer.changes.filter(({ action }) => action !== 'unchanged');
  if (out.json) {
    out.write(`${JSON.stringify(answer, null, 2)}\n`);
    return changes.length;
  }
  if (changes.length > 0) {
    printTable(
      out,
      ['', 'kind', 'name', 'what'],
      changes.map(({ action, kind, name, details }) => [SIGNS[action], kind, name, details.join('; ')]),
    );
  }
  for (const { product, version, ...verdict } of answer.versions ?? [])
    printVerdict(out, `${product} ${version}`, verdict);
  for (const { message, place } of answer.warnings ?? [])
    out.say(`warning: ${place === undefined ? '' : `${place} `}${message}\n`);
  const verb = request.path === '/plan' ? 'to make' : 'made';
  out.say(
    `${count(changes.length)} changes ${verb}, ${count(answer.changes.length - changes.length)} unchanged\n`,
  );
  return changes.length;
}

const SIGNS = { create: '+', update: '~', remove: '-', unchanged: ' ' };
