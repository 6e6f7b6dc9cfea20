import { z } from 'zod';
import { randomBytes } from 'node:crypto';
import { MeshError } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import { type Caller, needOwnHand, TOKEN_SCOPES } from '../caller.ts';
import { type Context, operation } from '../context.ts';
import { forgetAttempts, takeAttempt } from '../passwords/attempts.ts';
import { recordIdentityChange } from '../record-identity-change.ts';
import { hashSecret } from '../secret.ts';
import { CLI_CLIENT } from './clients.ts';
import { decideCode, findByUserCode, saveObject, scopesOf, type StoredObject } from './store.ts';

/** As a person types it: in any case, with dashes and spaces or without. */
const CODE = z
  .string()
  .max(40)
  .transform((text) => text.toUpperCase().replace(/[^A-Z0-9]/g, ''));

export const describeDevice = operation({
  name: 'device.describe',
  summary: 'What a program that waits for a code would be allowed, and where it asks from.',
  effect: 'read',
  http: { method: 'GET', path: '/device' },
  scope: 'write',
  input: z.object({ code: CODE }),
  output: z.object({
    client: z.string(),
    scopes: z.array(z.string()),
    address: z.string(),
    device: z.string(),
  }),
  async run(context, { code }) {
    const waiting = await needCode(context, code);
    const { address = '', device = '' } = waiting.body['deviceInfo'] as Record<string, string>;
    const scopes = grantedScopes(waiting, context.caller);
    return { client: clientName(waiting), scopes, address, device };
  },
});

export const decideDevice = operation({
  name: 'device.decide',
  summary: 'Let the program that shows this code act for you, or refuse it.',
  effect: 'write',
  http: { method: 'POST', path: '/device' },
  scope: 'write',
  input: z.object({ code: CODE, allow: z.boolean() }),
  output: z.object({ allowed: z.boolean() }),
  async run(context, { code, allow }) {
    const { caller, clock, database } = context;
    needOwnHand(caller, 'let programs in');
    const waiting = await needCode(context, code);
    const grantId = randomBytes(32).toString('base64url');
    const scopes = grantedScopes(waiting, caller);
    const scope = [...scopes, 'offline_access'].join(' ');
    const seconds = Math.floor(clock.now().getTime() / 1000);
    await database.transact(async (transaction) => {
      const body = allow
        ? { ...waiting.body, accountId: caller.id, grantId, scope, authTime: seconds }
        : { ...waiting.body, error: 'access_denied', errorDescription: 'the person refused' };
      const decision = { hash: waiting.hash, body, principalId: caller.id, grantId: allow ? grantId : null };
      if (!(await decideCode(transaction, decision))) throw unknownCode();
      if (allow) await saveObject(transaction, grantRow({ waiting, caller, grantId, scope, seconds }));
      await recordIdentityChange(context, transaction, {
        action: allow ? 'device.allow' : 'device.refuse',
        object: caller.id,
        facts: { client: clientName(waiting), scopes },
      });
    });
    return { allowed: allow };
  },
});

const unknownCode = () => new MeshError('auth.device-code');

/** The waiting code. Codes are short: wrong ones count as failed sign-ins of whoever tries them. */
async function needCode(context: Context, code: string): Promise<StoredObject> {
  const { caller, clock, database, request } = context;
  const attempt = { email: `device code of ${caller.id}`, address: caller.id, requestId: request.id };
  await takeAttempt(context, attempt);
  const waiting = await findByUserCode(database.reader, hashSecret(code), clock.now());
  if (waiting === undefined) throw unknownCode();
  await forgetAttempts(context, attempt);
  return waiting;
}

/** What was asked for, as far as whoever agrees may give it. */
function grantedScopes(waiting: StoredObject, caller: Caller) {
  const asked = scopesOf((waiting.body['params'] as { scope?: string } | undefined)?.scope);
  return TOKEN_SCOPES.filter((scope) => asked.includes(scope) && caller.scopes.includes(scope));
}

function clientName({ body }: StoredObject): string {
  return body['clientId'] === CLI_CLIENT ? 'Crossdock command line' : String(body['clientId']);
}

interface Given {
  waiting: StoredObject;
  caller: Caller;
  grantId: string;
  scope: string;
  seconds: number;
}

/** What the person gave, as the issuer keeps its grants. */
function grantRow({ waiting, caller, grantId, scope, seconds }: Given): StoredObject {
  const exp = seconds + LIMITS.issuerGrantSeconds;
  return {
    kind: 'Grant',
    hash: hashSecret(grantId),
    body: {
      jti: grantId,
      kind: 'Grant',
      accountId: caller.id,
      clientId: waiting.body['clientId'],
      openid: { scope },
      iat: seconds,
      exp,
    },
    principal_id: caller.id,
    grant_id: grantId,
    user_code: null,
    token_ids: [],
    subject_hash: null,
    expires_at: new Date(exp * 1000),
    consumed_at: null,
  };
}
