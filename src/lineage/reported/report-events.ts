import { createHash } from 'node:crypto';
import { authorize } from '../../audit/decisions.ts';
import { canonicalJson } from '../../base/canonical.ts';
import { MeshError } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Context } from '../../identity/context.ts';
import { findMesh } from '../../identity/store.ts';
import { readVisibleDomain } from '../../products/visible-domains.ts';
import { namespaceOf } from '../openlineage/facet.ts';
import { insertEvent } from '../openlineage/store.ts';
import { mergeEvent } from './merge-event.ts';
import { type ReadEvent, readEvent } from './read-event.ts';
import { lockReports } from './store.ts';

export interface FailedEvent {
  index: number;
  reason: string;
  retriable: boolean;
}

/**
 * Takes OpenLineage events of other systems into the graph of the caller's domain: each in a transaction of
 * its own, so that one that is wrong does not keep the others out.
 * @throws MeshError `lineage.which-domain`, `auth.forbidden`
 */
export async function reportEvents(
  context: Context,
  { events, domain }: { events: unknown[]; domain: string | undefined },
): Promise<FailedEvent[]> {
  const domainId = await reportingDomain(context, domain);
  const mesh = await findMesh(context.database.reader);
  const namespace = namespaceOf(mesh?.name ?? 'mesh');
  const failed: FailedEvent[] = [];
  for (const [index, event] of events.entries()) {
    try {
      await keep(context, { event, domainId, namespace });
    } catch (error) {
      if (!(error instanceof MeshError) || error.status >= 500) throw error;
      failed.push({ index, reason: reasonOf(error), retriable: false });
    }
  }
  return failed;
}

/** Takes one event. @throws MeshError `input.invalid` and as {@link reportEvents} */
export async function reportEvent(
  context: Context,
  { event, domain }: { event: unknown; domain: string | undefined },
): Promise<void> {
  const domainId = await reportingDomain(context, domain);
  const mesh = await findMesh(context.database.reader);
  await keep(context, { event, domainId, namespace: namespaceOf(mesh?.name ?? 'mesh') });
}

/** A service account reports for its domain; who has several says which. */
async function reportingDomain(context: Context, named: string | undefined): Promise<string> {
  const { caller } = context;
  const [only, ...others] = caller.domains;
  const name = named ?? (others.length === 0 ? only?.name : undefined);
  if (name === undefined) throw new MeshError('lineage.which-domain');
  const mine = caller.domains.find((domain) => domain.name === name);
  const id = mine?.id ?? (await readVisibleDomain(context, name)).id;
  await authorize(context, {
    action: 'domain.apply',
    resource: { type: 'Domain', domain: name },
    scope: { domainId: id },
  });
  return id;
}

interface Keeping {
  event: unknown;
  domainId: string;
  namespace: string;
}

/** The event and what it changes in the graph, at once; what was told before changes nothing. */
async function keep(context: Context, { event: given, domainId, namespace }: Keeping): Promise<void> {
  const { event, text } = storable(given);
  const read: ReadEvent = readEvent(event);
  if (text.length > LIMITS.lineageEventBytes) {
    const facts = { what: 'the event', limit: `${LIMITS.lineageEventBytes} bytes` };
    throw new MeshError('input.too-large', { facts });
  }
  const { clock, database } = context;
  await database.transact(async (transaction) => {
    await lockReports(transaction, domainId);
    const isNew = await insertEvent(transaction, {
      domainId,
      productId: null,
      runId: read.run === null || read.run.isStatic ? null : read.run.id,
      type: read.type.slice(0, 20),
      at: new Date(read.at),
      receivedAt: clock.now(),
      hash: createHash('sha256').update(text).digest('base64url'),
      event: event as Record<string, unknown>,
      forward: false,
    });
    if (isNew) await mergeEvent({ context, transaction, domainId, namespace }, read);
  });
}

/** jsonb holds neither NUL characters nor half a character (PostgreSQL §8.14): they are left out. */
function storable(given: unknown): { event: unknown; text: string } {
  try {
    const text = canonicalJson(given);
    if (!/\\u(0000|d[89a-f])/i.test(text)) return { event: given, text };
    const event: unknown = JSON.parse(text, (_key, value: unknown) =>
      typeof value === 'string' ? value.replaceAll('\0', '').toWellFormed() : value,
    );
    return { event, text };
  } catch {
    // The stack ends before the nesting does.
    throw new MeshError('input.invalid', {
      problems: [{ message: 'the event is nested too deep', pointer: '' }],
    });
  }
}

function reasonOf({ message, problems }: MeshError): string {
  return [message, ...problems.map((problem) => `${problem.pointer ?? ''} ${problem.message}`.trim())].join(
    '; ',
  );
}
