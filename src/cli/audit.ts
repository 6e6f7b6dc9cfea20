import { type Command, Option } from 'commander';
import { bind, EXIT, type Shell } from './command.ts';
import { download } from './download.ts';
import { count, printTable } from './output.ts';

interface AuditAnswer {
  entries: {
    at: string;
    actor: string;
    via: string | null;
    door: string;
    address: string | null;
    action: string;
    object: string;
    allowed: boolean;
    reasons: string[];
  }[];
}

interface PoliciesAnswer {
  policies: { name: string; hash: string; text: string }[];
}

interface VerifyAnswer {
  intact: boolean;
  rows: number;
  head: { sequence: number; hash: string };
  faults: { sequence: number; message: string }[];
}

export function addAudit(program: Command, shell: Shell): void {
  const audit = program
    .command('audit')
    .description('decisions and changes of your domains, newest first')
    .option('--object <id>', 'only about this')
    .option('--person <who>', 'only what this person (e-mail address) or service account (DOMAIN/NAME) did')
    .option(
      '--action <action>',
      'only this action, e.g. subscription.approve, or subscription.* for all of a kind',
    )
    .option('--since <time>', 'only at or after this day or moment')
    .option('--until <time>', 'only before this day or moment')
    .option('--limit <n>', 'how many', '20');
  addVerify(audit, shell);
  addExport(audit, shell);
  addPolicies(audit, shell);
  bind(audit, shell, async ({ client, out }, _args, options) => {
    const { object, person, action, since, until, limit } = options as Record<string, string | undefined>;
    const query = { object, person, action, since, until, limit };
    const answer = await client.call<AuditAnswer>({ method: 'GET', path: '/audit', query });
    if (out.json) return out.write(`${JSON.stringify(answer, null, 2)}\n`);
    if (answer.entries.length === 0) return out.write('none\n');
    printTable(
      out,
      ['at', 'who', 'from', 'action', 'object', 'allowed', 'why'],
      answer.entries.map((entry) => [
        entry.at,
        entry.via === null ? entry.actor : `${entry.actor} via ${entry.via}`,
        [entry.door, entry.address].filter((part) => part !== null).join(' '),
        entry.action,
        entry.object,
        entry.allowed ? 'yes' : 'no',
        entry.reasons.join('; '),
      ]),
    );
  });
}

function addVerify(audit: Command, shell: Shell): void {
  const verify = audit
    .command('verify')
    .description('whether every row of the audit is there and as it was written')
    .option('--head <sequence:hash>', 'a head noted earlier, which must still be part of the chain');
  bind(verify, shell, async ({ client, out }, _args, { head }) => {
    const query = { head: head as string | undefined };
    const answer = await client.call<VerifyAnswer>({ method: 'GET', path: '/audit/verify', query });
    if (out.json) out.write(`${JSON.stringify(answer, null, 2)}\n`);
    else if (answer.intact) {
      const { sequence, hash } = answer.head;
      out.write(`intact: ${count(answer.rows)} rows, head ${sequence}:${hash}\n`);
    } else {
      printTable(
        out,
        ['row', 'what is wrong'],
        answer.faults.map(({ sequence, message }) => [sequence, message]),
      );
    }
    return answer.intact ? EXIT.ok : EXIT.failed;
  });
}

function addPolicies(audit: Command, shell: Shell): void {
  const policies = audit
    .command('policies')
    .argument('<version>', 'as `policies` of a row says')
    .description('the texts of the policies that ruled');
  bind(policies, shell, async ({ client, out }, [version = '']) => {
    const path = `/audit/policies/${encodeURIComponent(version)}`;
    const answer = await client.call<PoliciesAnswer>({ method: 'GET', path });
    if (out.json) return out.write(`${JSON.stringify(answer, null, 2)}\n`);
    for (const { name, hash, text } of answer.policies) out.write(`// ${name} (${hash})\n${text.trim()}\n\n`);
  });
}

function addExport(audit: Command, shell: Shell): void {
  const exported = audit
    .command('export')
    .description('the audit as a file, oldest first, with the hashes of its chain')
    .addOption(
      new Option('--format <format>', 'of the file').choices(['ndjson', 'parquet']).default('ndjson'),
    )
    .option('--since <time>', 'only rows at or after this moment, in ISO 8601')
    .option('-o, --output <file>', 'write to a file');
  bind(exported, shell, (session, _args, { format, since, output }) => {
    const query = { format: format as string, since: since as string | undefined };
    return download(session, { method: 'GET', path: '/audit/export', query }, output as string | undefined);
  });
}
