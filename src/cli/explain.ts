import type { Command } from 'commander';
import { bind, EXIT, type Shell } from './command.ts';
import { printTable } from './output.ts';

interface Explanation {
  dataset: string;
  access: {
    via: string;
    purpose: string | null;
    until: string | null;
    rows: string;
    reasons: string[];
    columns: { name: string; access: string; mask: { action: string } | null; reasons: string[] }[];
  } | null;
  refusal: { message: string; fix: string } | null;
}

export function addExplain(program: Command, shell: Shell): void {
  const explain = program
    .command('explain')
    .argument('<name>', 'DOMAIN.PRODUCT[.DATASET[.COLUMN]]')
    .description('why you can or cannot see it')
    .option('--purpose <purpose>', 'which subscription, where several apply');
  bind(explain, shell, async ({ client, out }, [name = ''], { purpose }) => {
    const query = { name, purpose: purpose as string | undefined };
    const answer = await client.call<{ datasets: Explanation[] }>({ method: 'GET', path: '/explain', query });
    if (out.json) return out.write(`${JSON.stringify(answer, null, 2)}\n`);
    for (const { dataset, access, refusal } of answer.datasets) {
      out.write(`${dataset}\n`);
      if (refusal !== null) out.write(`  not readable: ${refusal.message}\n  → ${refusal.fix}\n`);
      if (access === null) continue;
      out.write(
        `  through ${access.via}${access.purpose === null ? '' : `, for ${JSON.stringify(access.purpose)}`}\n`,
      );
      if (access.until !== null) out.write(`  until ${access.until}\n`);
      out.write(`  rows: ${access.rows === 'true' ? 'all' : access.rows}\n`);
      for (const reason of access.reasons) out.write(`    ${reason}\n`);
      printTable(
        out,
        ['column', 'you see', 'why'],
        access.columns.map((column) => [
          column.name,
          column.mask?.action ?? column.access,
          column.reasons.join('; '),
        ]),
      );
    }
    return answer.datasets.every(({ access }) => access !== null) ? EXIT.ok : EXIT.refused;
  });
}
