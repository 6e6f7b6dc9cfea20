import { printTagExpression } from '../policy/tags.ts';
import type { Options, Session } from './command.ts';
import { printTable } from './output.ts';

export interface Subscription {
  id: string;
  product: { domain: string; name: string };
  domain: string;
  purpose: string;
  state: string;
  waitsFor: 'owner' | 'privacy' | null;
  requestedBy: string;
  requestedAt: string;
  requestedUntil: string | null;
  until: string | null;
  endedBy: string | null;
  endedAt: string | null;
  reason: string | null;
  rowFilter: string | null;
  columns: string[] | null;
  renewal: {
    id: string;
    until: string;
    waitsFor: 'owner' | 'privacy';
    requestedBy: string;
    requestedAt: string;
  } | null;
  tags: Record<string, string[]> | null;
  proof: { state: 'proven' | 'forbidden' | 'drift' | 'pending'; at: string | null } | null;
}

/** Requests and subscriptions as a table, or the whole answer as JSON. */
export function printAll({ out }: Session, rows: Subscription[], answer: unknown): void {
  if (out.json) return out.write(`${JSON.stringify(answer, null, 2)}\n`);
  if (rows.length === 0) return out.write('none\n');
  const hasEnded = rows.some(({ endedAt }) => endedAt !== null);
  printTable(
    out,
    ['id', 'state', 'product', 'for', 'purpose', 'rows', 'columns', 'until', ...(hasEnded ? ['ended'] : [])],
    rows.map((row) => [
      row.id,
      stateOf(row),
      `${row.product.domain}.${row.product.name}`,
      row.domain,
      row.purpose,
      row.rowFilter ?? (row.state === 'active' ? 'all' : ''),
      columnsOf(row),
      row.until === null || row.endedAt !== null ? '' : lastDay(row.until),
      ...(hasEnded ? [endOf(row)] : []),
    ]),
  );
}

/** What waits for a decision: who asks for what and why, since when, and which step it waits for. */
export function printWaiting({ out }: Session, rows: Subscription[], answer: unknown): void {
  if (out.json) return out.write(`${JSON.stringify(answer, null, 2)}\n`);
  if (rows.length === 0) return out.write('nothing waits for you\n');
  printTable(
    out,
    ['id', 'waits for', 'product', 'who asks', 'for', 'purpose', 'since', 'until'],
    rows.map((row) => {
      const { id, waitsFor, requestedBy, requestedAt } = row.renewal ?? row;
      const until = row.renewal?.until ?? row.requestedUntil;
      return [
        id,
        `${waitsFor === 'privacy' ? 'privacy' : 'the producer'}${row.renewal === null ? '' : ' (renewal)'}`,
        `${row.product.domain}.${row.product.name}`,
        requestedBy,
        row.domain,
        row.purpose,
        minuteOf(requestedAt),
        until === null ? '' : lastDay(until),
      ];
    }),
  );
}

/** `2026-01-31 12:30`, in UTC. */
function minuteOf(time: string): string {
  return time.slice(0, 16).replace('T', ' ');
}

/** When it ended, by whom and why. */
function endOf({ endedAt, endedBy, reason }: Subscription): string {
  if (endedAt === null) return '';
  const by = endedBy === null ? '' : ` by ${endedBy}`;
  return `${endedAt.slice(0, 10)}${by}${reason === null ? '' : `: ${reason}`}`;
}

function stateOf({ state, waitsFor, renewal, proof }: Subscription): string {
  if (renewal !== null) {
    const step = renewal.waitsFor === 'privacy' ? ' (privacy)' : '';
    return `${state}, renewal ${renewal.id} waits${step}`;
  }
  if (waitsFor === 'privacy') return `${state}, waits for privacy`;
  if (state === 'active' && proof?.state === 'forbidden')
    return `${state}, but a policy forbids reading it now`;
  if (proof === null || (state === 'active' && proof.state === 'pending')) return state;
  return `${state}, ${proof.state === 'pending' ? 'not proven yet' : proof.state}`;
}

function columnsOf({ columns, tags, state }: Subscription): string {
  const named = columns?.join(', ') ?? (state === 'active' ? 'all' : '');
  return tags === null ? named : `${named} with ${printTagExpression(tags)}`;
}

/** The last day that counts: `until` is the first moment that does not. */
export function lastDay(until: string): string {
  return new Date(Date.parse(until) - 1).toISOString().slice(0, 10);
}

/** `a, b` as a list. */
export function listOf(text: Options[string]): string[] | undefined {
  return typeof text === 'string' ? text.split(',').map((name) => name.trim()) : undefined;
}
