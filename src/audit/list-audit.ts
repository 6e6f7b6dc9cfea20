import { z } from 'zod';
import { isoTime } from '../base/clock.ts';
import { LIMITS } from '../base/limits.ts';
import type { Caller } from '../identity/caller.ts';
import { operation } from '../identity/context.ts';
import { findActors, listChanges, readAbout } from './store.ts';

const ENTRY = z.object({
  id: z.number(),
  at: z.string(),
  actor: z.string(),
  via: z.string().nullable().describe('the program that acted for the actor'),
  door: z.string(),
  requestId: z.string(),
  action: z.string(),
  object: z.string(),
  allowed: z.boolean(),
  reasons: z.array(z.string()),
  facts: z.record(z.string(), z.unknown()),
  address: z.string().nullable().describe('from where; null for what the mesh does by itself'),
  policies: z
    .string()
    .nullable()
    .describe('version of the policies that ruled: their texts are at `/audit/policies/{version}`'),
});

/** A day begins at midnight UTC. */
const MOMENT = z.union([z.iso.date(), z.iso.datetime({ offset: true })]);

export const listAudit = operation({
  name: 'audit.list',
  summary:
    'Decisions and changes, newest first: of the domains you own or steward; of all for administrators.',
  effect: 'read',
  http: { method: 'GET', path: '/audit' },
  scope: 'read',
  input: z.object({
    object: z
      .string()
      .max(200)
      .optional()
      .describe('by name: DOMAIN, DOMAIN/SOURCE, DOMAIN.PRODUCT or DOMAIN.PRODUCT.DATASET; else by id'),
    person: z
      .string()
      .trim()
      .min(1)
      .max(320)
      .optional()
      .describe('who did it: e-mail address, DOMAIN/NAME of a service account, or id'),
    action: z
      .string()
      .max(100)
      .regex(
        /^[a-z]+([.-][a-z]+)*(\.\*)?$/,
        'must be an action such as subscription.approve, or subscription.* for all of a kind',
      )
      .optional()
      .describe('an action, or `subscription.*` for all that begin so'),
    since: MOMENT.optional().describe('only rows at or after this day or moment'),
    until: MOMENT.optional().describe('only rows before this day or moment'),
    before: z.coerce.number().int().optional().describe('cursor: `next` of the page before'),
    limit: z.coerce.number().int().min(1).max(LIMITS.pageRows).default(50),
  }),
  output: z.object({ entries: z.array(ENTRY), next: z.number().nullable() }),
  async run({ caller, database }, input) {
    const domainIds = domainsToAudit(caller);
    if (domainIds?.length === 0) return { entries: [], next: null };
    const { object, person, since, until, ...filter } = input;
    const rows = await listChanges(database.reader, {
      ...{ ...filter, domainIds },
      about: object === undefined ? undefined : await readAbout(database.reader, object),
      actors: person === undefined ? undefined : await findActors(database.reader, person),
      since: since === undefined ? undefined : new Date(since),
      until: until === undefined ? undefined : new Date(until),
    });
    const entries = rows.map((row) => ({
      id: row.id,
      at: isoTime(row.at),
      actor: row.actor_name ?? row.actor,
      via: row.via,
      door: row.door,
      requestId: row.request_id,
      action: row.action,
      object: row.object,
      allowed: row.allowed,
      reasons: row.reasons,
      facts: row.facts,
      address: row.address,
      policies: row.policies,
    }));
    return { entries, next: rows.length < input.limit ? null : (rows.at(-1)?.id ?? null) };
  },
});

/** Ids of the domains whose audit the caller reads; null for the whole mesh. */
export function domainsToAudit({ administrator, domains }: Caller): string[] | null {
  if (administrator) return null;
  return domains.filter(({ role }) => role === 'owner' || role === 'steward').map(({ id }) => id);
}
