import { z } from 'zod';
import { MeshError } from '../base/errors.ts';
import { operation } from '../identity/context.ts';
import type { Reader } from '../store/database.ts';
import { CHAIN_START, type ChainFault, type ChainHead, followChain, judgeEnd } from './chain.ts';
import { authorize } from './decisions.ts';
import { countUnlinked, findLink, listLinks, readChainHead } from './store.ts';

/** Rows of one read: some megabytes at most. */
const PAGE_ROWS = 2_000;
/** More faults than these say nothing more. */
const MAX_FAULTS = 100;

const HEAD = z.object({ sequence: z.number().int(), hash: z.string() });

export const verifyAudit = operation({
  name: 'audit.verify',
  summary: 'Follows the chain of hashes through the whole audit and tells every place where it is broken.',
  effect: 'read',
  http: { method: 'GET', path: '/audit/verify' },
  scope: 'read',
  input: z.object({
    head: z
      .string()
      .regex(/^\d{1,15}:[0-9a-f]{64}$/, 'must be `sequence:hash`, as an earlier verify told it')
      .optional()
      .describe('a head noted earlier and kept elsewhere: the audit must still contain it'),
  }),
  output: z.object({
    intact: z.boolean(),
    rows: z.number().int(),
    head: HEAD,
    faults: z.array(z.object({ sequence: z.number().int(), message: z.string() })),
  }),
  async run(context, { head }) {
    await authorize(context, { action: 'mesh.audit', resource: { type: 'Mesh' } });
    return verifyChain(context.database.reader, { noted: parseHead(head), signal: context.request.signal });
  },
});

function parseHead(text: string | undefined): ChainHead | null {
  const [sequence = '', hash = ''] = text?.split(':') ?? [];
  return text === undefined ? null : { sequence: Number(sequence), hash };
}

interface Verification {
  intact: boolean;
  rows: number;
  head: ChainHead;
  faults: ChainFault[];
}

/**
 * Verifies the whole audit. Who can write to the database can make a whole new chain; a head that was noted
 * elsewhere shows that, too.
 */
export async function verifyChain(
  reader: Reader,
  { noted, signal }: { noted: ChainHead | null; signal: AbortSignal },
): Promise<Verification> {
  const head = await readChainHead(reader);
  const faults: ChainFault[] = [];
  let reached = CHAIN_START;
  for (;;) {
    if (signal.aborted) throw new MeshError('query.cancelled');
    const links = await listLinks(reader, { after: reached.sequence, upTo: head.sequence, limit: PAGE_ROWS });
    if (links.length === 0) break;
    const followed = followChain(reached, links);
    faults.push(...followed.faults.slice(0, MAX_FAULTS - faults.length));
    reached = followed.head;
  }
  faults.push(...judgeEnd(reached, head));
  const unlinked = await countUnlinked(reader, head.sequence);
  if (unlinked > 0)
    faults.push({ sequence: head.sequence + 1, message: `${unlinked} rows have no place in the chain` });
  if (noted !== null && (await findLink(reader, noted.sequence))?.hash !== noted.hash) {
    faults.push({ sequence: noted.sequence, message: 'the noted head is not part of the chain any more' });
  }
  return { intact: faults.length === 0, rows: reached.sequence, head, faults };
}
