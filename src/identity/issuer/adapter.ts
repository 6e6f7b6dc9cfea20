import type { Adapter, AdapterPayload } from 'oidc-provider';
import type { Parts } from '../context.ts';
import { hashSecret } from '../secret.ts';
import { findClient } from './clients.ts';
import {
  consumeObject,
  deleteObject,
  deleteOfGrant,
  findByUserCode,
  findObject,
  saveObject,
  type StoredObject,
} from './store.ts';

/** Whose id is a secret that its holder shows: it is kept as a hash alone, and put back when it is shown. */
const BEARERS = new Set([
  'AccessToken',
  'ClientCredentials',
  'RefreshToken',
  'AuthorizationCode',
  'DeviceCode',
]);

/** Sessions of the issuer's own are never used: each authorization asks the mesh's session anew. */
const LONGEST_SECONDS = 400 * 86_400;

/** Keeps the issuer's objects of one kind in the mesh's database. */
export function adapterFor(parts: Parts, kind: string): Adapter {
  const { database, clock } = parts;
  const keyOf = (id: string) => ({ kind, hash: hashSecret(id) });
  return {
    async upsert(id, payload, expiresIn) {
      await database.transact((transaction) =>
        saveObject(transaction, rowOf({ ...keyOf(id), payload, expiresIn, now: clock.now() })),
      );
    },
    async find(id) {
      if (kind === 'Client') return findClient(parts, id, await showsInHeader());
      return payloadOf(await findObject(database.reader, keyOf(id), clock.now()), id);
    },
    async findByUserCode(userCode) {
      return payloadOf(await findByUserCode(database.reader, hashSecret(userCode), clock.now()));
    },
    async findByUid(uid) {
      return payloadOf(await findObject(database.reader, keyOf(`uid ${uid}`), clock.now()));
    },
    async consume(id) {
      const consumed = await database.transact((transaction) =>
        consumeObject(transaction, keyOf(id), clock.now()),
      );
      // Two requests with one code at once: the second finds nothing rather than a second token.
      if (!consumed) throw new (await import('oidc-provider')).errors.InvalidGrant('used already');
    },
    async destroy(id) {
      await database.transact((transaction) => deleteObject(transaction, keyOf(id)));
    },
    async revokeByGrantId(grantId) {
      await database.transact((transaction) => deleteOfGrant(transaction, kind, grantId));
    },
  };
}

/** How the client of this request shows its secret (RFC 6749 §2.3.1): either way counts. */
async function showsInHeader(): Promise<boolean> {
  const { Provider } = await import('oidc-provider');
  return Provider.ctx?.headers.authorization?.startsWith('Basic ') === true;
}

interface Saved {
  kind: string;
  hash: string;
  payload: AdapterPayload;
  expiresIn: number | undefined;
  now: Date;
}

function rowOf({ kind, hash, payload, expiresIn, now }: Saved): StoredObject {
  const { jti, userCode, extra, ...rest } = payload;
  const { principal, tokens, subject, scope, ...shown } = (extra ?? {}) as Links & Record<string, unknown>;
  const lasts = Math.min(expiresIn ?? LONGEST_SECONDS, LONGEST_SECONDS);
  const body = {
    ...rest,
    ...(BEARERS.has(kind) ? {} : { jti }),
    ...(scope === undefined ? {} : { scope }),
    ...(Object.keys(shown).length === 0 ? {} : { extra: shown }),
  };
  return {
    kind,
    hash,
    body,
    principal_id: principal ?? payload.accountId ?? null,
    grant_id: payload.grantId ?? (kind === 'Grant' ? (jti ?? null) : null),
    user_code: userCode === undefined ? null : hashSecret(userCode),
    token_ids: tokens ?? [],
    subject_hash: subject ?? null,
    expires_at: new Date(now.getTime() + lasts * 1000),
    consumed_at: null,
  };
}

/** What a token hangs on; it is kept beside it, and shown to nobody. */
export interface Links {
  /** The principal that a token of a client itself speaks for. */
  principal?: string;
  /** API tokens that must count. */
  tokens?: string[];
  /** Hash of the access token it was exchanged for. */
  subject?: string;
  /** What it carries, where that is less than was asked for. */
  scope?: string;
}

function payloadOf(row: StoredObject | undefined, id?: string): AdapterPayload | undefined {
  if (row === undefined) return undefined;
  return {
    ...row.body,
    ...(id !== undefined && BEARERS.has(row.kind) ? { jti: id } : {}),
    ...(row.consumed_at === null ? {} : { consumed: Math.floor(row.consumed_at.getTime() / 1000) }),
  } as AdapterPayload;
}
