import { z } from 'zod';
import { isoTime } from '../../base/clock.ts';
import { newId } from '../../base/ids.ts';
import { MeshError } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import { operation } from '../context.ts';
import { needAdministrator } from '../people/need-person.ts';
import { recordIdentityChange } from '../record-identity-change.ts';
import { insertApplication, listApplicationRows, removeApplication as removeRow } from './store.ts';

const LOOPBACKS = new Set(['localhost', '127.0.0.1', '[::1]']);

/** RFC 9700 §2.1: compared exactly, so nothing in it may be a pattern; plain HTTP on the person's own machine alone. */
const REDIRECT = z
  .url()
  .max(500)
  .refine((text) => {
    const { protocol, hostname, hash, username, password } = new URL(text);
    const isSafe = protocol === 'https:' || (protocol === 'http:' && LOOPBACKS.has(hostname));
    return (
      isSafe &&
      hash === '' &&
      username === '' &&
      password === '' &&
      !text.includes('*') &&
      !text.includes('#')
    );
  }, 'must be https://… (http:// on localhost alone), without fragment, user and wildcard');

const APPLICATION = z.object({
  id: z.string().describe('its client_id'),
  name: z.string(),
  redirectUris: z.array(z.string()),
  createdAt: z.string(),
});

export const createApplication = operation({
  name: 'application.create',
  summary:
    'Register an application that people may let act for them: authorization code and PKCE, no secret.',
  effect: 'write',
  http: { method: 'POST', path: '/applications' },
  scope: 'admin',
  input: z.object({
    name: z.string().trim().min(1).max(100),
    redirectUris: z.array(REDIRECT).min(1).max(LIMITS.redirectUris),
  }),
  output: APPLICATION,
  async run(context, { name, redirectUris }) {
    const { caller, clock, database } = context;
    needAdministrator(caller, 'register applications for');
    const id = newId('app');
    const at = clock.now();
    await database.transact(async (transaction) => {
      const isNew = await insertApplication(transaction, {
        id,
        name,
        redirectUris,
        createdBy: caller.id,
        at,
      });
      if (!isNew) throw new MeshError('conflict', { facts: { what: `the application ${name}` } });
      await recordIdentityChange(context, transaction, {
        action: 'application.create',
        object: id,
        facts: { name, redirectUris },
      });
    });
    return { id, name, redirectUris, createdAt: isoTime(at) };
  },
});

export const listApplications = operation({
  name: 'application.list',
  summary: 'The applications that people may let act for them.',
  effect: 'read',
  http: { method: 'GET', path: '/applications' },
  scope: 'admin',
  input: z.object({}),
  output: z.object({ applications: z.array(APPLICATION) }),
  async run({ caller, database }) {
    needAdministrator(caller, 'list the applications of');
    const rows = await listApplicationRows(database.reader);
    return {
      applications: rows.map((row) => ({
        id: row.id,
        name: row.name,
        redirectUris: row.redirect_uris,
        createdAt: isoTime(row.created_at),
      })),
    };
  },
});

export const removeApplication = operation({
  name: 'application.remove',
  summary: 'Remove an application: every token it was given ends now.',
  effect: 'write',
  http: { method: 'DELETE', path: '/applications/:id' },
  scope: 'admin',
  input: z.object({ id: z.string().max(100) }),
  output: z.object({ id: z.string(), removed: z.literal(true) }),
  async run(context, { id }) {
    needAdministrator(context.caller, 'remove applications of');
    await context.database.transact(async (transaction) => {
      if (!(await removeRow(transaction, id)))
        throw new MeshError('not-found', { facts: { what: `application ${id}` } });
      await recordIdentityChange(context, transaction, { action: 'application.remove', object: id });
    });
    return { id, removed: true as const };
  },
});
