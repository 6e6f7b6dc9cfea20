import type { Session } from './command.ts';
import { type Reader, readAllReaders, throughOf } from './explain.ts';
import { count, dim, printTable } from './output.ts';
import { pathOf } from './product-path.ts';
import { lastDay } from './subscription-table.ts';

interface Held {
  id: string;
  domain: string;
  purpose: string;
  state: string;
  until: string | null;
  rowFilter: string | null;
  usage: { queries: number; lastUsedAt: string | null };
}

/** Who holds a product: the subscriptions to it, and everybody who reads it, by which of them. */
export async function showConsumers(session: Session, name: string): Promise<void> {
  const { client, out } = session;
  const path = pathOf(name);
  // Refuses whoever may not know it, before anything is shown.
  const readers = await readAllReaders(session, { name });
  const { subscriptions = null } = await client.call<{ subscriptions?: Held[] }>({ method: 'GET', path });
  if (out.json) return out.write(`${JSON.stringify({ subscriptions, readers }, null, 2)}\n`);
  if (subscriptions === null) out.write('its subscriptions are for those who decide about them\n');
  else if (subscriptions.length === 0) out.write('nobody subscribes\n');
  else printSubscriptions(session, subscriptions);
  out.write('\n');
  printTable(out, ['who', 'is a', 'through', 'subscription'], readers.flatMap(linesOf));
  out.say(dim(out, `${count(readers.length)} can read it\n`));
}

function printSubscriptions({ out }: Session, subscriptions: Held[]): void {
  printTable(
    out,
    ['subscription', 'state', 'held by', 'purpose', 'rows', 'until', 'queries', 'last used'],
    subscriptions.map(({ id, state, domain, purpose, rowFilter, until, usage }) => [
      id,
      state,
      domain,
      purpose,
      rowFilter ?? (state === 'active' ? 'all' : ''),
      until === null ? '' : lastDay(until),
      count(usage.queries),
      usage.lastUsedAt?.slice(0, 10) ?? '',
    ]),
  );
}

/** A reader once for each way by which they read, whatever the datasets. */
function linesOf({ name, email, kind, paths }: Reader): string[][] {
  const ways = new Map(paths.map((path) => [`${path.via} ${path.subscription ?? path.domain}`, path]));
  return [...ways.values()].map((path) => [
    email ?? name,
    kind === 'service' ? 'service account' : kind,
    throughOf(path),
    path.subscription ?? '',
  ]);
}
