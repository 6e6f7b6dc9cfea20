import { sql } from 'kysely';
import { json, type Reader, type Transaction } from '../../store/database.ts';
import type { Read } from '../../store/schema.ts';
import type { IssuerObjectRow } from '../../store/rows/identity.ts';
import { type Caller, TOKEN_SCOPES, type TokenScope } from '../caller.ts';
import { findAnybody } from '../store.ts';

export type StoredObject = Read<IssuerObjectRow>;

/** What an access token is stored as. */
const ACCESS_KINDS = ['AccessToken', 'ClientCredentials'];

export async function saveObject(transaction: Transaction, object: StoredObject): Promise<void> {
  const row = { ...object, body: json(object.body), token_ids: json(object.token_ids) };
  await transaction
    .insertInto('issuer_objects')
    .values(row)
    .onConflict((conflict) => conflict.columns(['kind', 'hash']).doUpdateSet(row))
    .execute();
}

/** What still counts: not over, of nobody who has left, of no token that was revoked. */
function liveObjects(reader: Reader, now: Date) {
  return reader
    .selectFrom('issuer_objects')
    .selectAll('issuer_objects')
    .where('issuer_objects.expires_at', '>', now)
    .where((is) =>
      is.not(
        is.exists(
          is
            .selectFrom('principals')
            .select('principals.id')
            .whereRef('principals.id', '=', 'issuer_objects.principal_id')
            .where('principals.disabled_at', 'is not', null),
        ),
      ),
    )
    .where(
      sql<boolean>`NOT EXISTS (
        SELECT 1 FROM jsonb_array_elements_text(issuer_objects.token_ids) AS used (id)
        LEFT JOIN tokens ON tokens.id = used.id
        WHERE tokens.id IS NULL OR tokens.revoked_at IS NOT NULL OR tokens.expires_at <= ${now}
      )`,
    )
    .where(
      sql<boolean>`(issuer_objects.subject_hash IS NULL OR EXISTS (
        SELECT 1 FROM issuer_objects subject
        WHERE subject.kind = 'AccessToken' AND subject.hash = issuer_objects.subject_hash
          AND subject.expires_at > ${now}
      ))`,
    );
}

export function findObject(reader: Reader, key: { kind: string; hash: string }, now: Date) {
  return liveObjects(reader, now)
    .where('kind', '=', key.kind)
    .where('hash', '=', key.hash)
    .executeTakeFirst();
}

export function findByUserCode(reader: Reader, userCode: string, now: Date) {
  return liveObjects(reader, now)
    .where('kind', '=', 'DeviceCode')
    .where('user_code', '=', userCode)
    .executeTakeFirst();
}

/** Takes a code that waits for a person's word; of two who decide at once one gets false. */
export async function decideCode(
  transaction: Transaction,
  {
    hash,
    body,
    principalId,
    grantId,
  }: { hash: string; body: object; principalId: string; grantId: string | null },
): Promise<boolean> {
  const decided = await transaction
    .updateTable('issuer_objects')
    .set({ body: json(body), principal_id: principalId, grant_id: grantId, user_code: null })
    .where('kind', '=', 'DeviceCode')
    .where('hash', '=', hash)
    .where('user_code', 'is not', null)
    .returning('hash')
    .executeTakeFirst();
  return decided !== undefined;
}

/** @returns false when it was consumed already */
export async function consumeObject(
  transaction: Transaction,
  key: { kind: string; hash: string },
  at: Date,
): Promise<boolean> {
  const consumed = await transaction
    .updateTable('issuer_objects')
    .set({ consumed_at: at })
    .where('kind', '=', key.kind)
    .where('hash', '=', key.hash)
    .where('consumed_at', 'is', null)
    .returning('hash')
    .executeTakeFirst();
  return consumed !== undefined;
}

export async function deleteObject(
  transaction: Transaction,
  key: { kind: string; hash: string },
): Promise<void> {
  await transaction
    .deleteFrom('issuer_objects')
    .where('kind', '=', key.kind)
    .where('hash', '=', key.hash)
    .execute();
}

export async function deleteOfGrant(transaction: Transaction, kind: string, grantId: string): Promise<void> {
  await transaction
    .deleteFrom('issuer_objects')
    .where('kind', '=', kind)
    .where('grant_id', '=', grantId)
    .execute();
}

/** Every token, code and grant of a principal: after a new password, or when they left. */
export async function deleteObjectsOf(transaction: Transaction, principalId: string): Promise<void> {
  await transaction.deleteFrom('issuer_objects').where('principal_id', '=', principalId).execute();
}

export async function deleteExpiredObjects(transaction: Transaction, now: Date): Promise<void> {
  await transaction.deleteFrom('issuer_objects').where('expires_at', '<', now).execute();
}

/** The caller whose access token this is, with whoever acts for them; undefined when it does not count. */
export async function findTokenCaller(reader: Reader, hash: string, now: Date): Promise<Caller | undefined> {
  const token = await liveObjects(reader, now)
    .where('kind', 'in', ACCESS_KINDS)
    .where('hash', '=', hash)
    .executeTakeFirst();
  if (token === undefined || token.principal_id === null || token.consumed_at !== null) return undefined;
  const principal = await findAnybody(reader, token.principal_id);
  if (principal === undefined) return undefined;
  const scopes = scopesOf(token.body['scope']);
  const caller = { ...principal, scopes, tokenId: `${token.kind} ${hash.slice(0, 12)}` };
  const actor = await actorOf(reader, token.body);
  if (actor === undefined) return undefined;
  return actor === null ? caller : { ...caller, agent: true, actor };
}

/** Who acts by this token beside whom it speaks for; null for nobody, undefined for one who counts no more. */
async function actorOf(reader: Reader, body: StoredObject['body']): Promise<Caller['actor'] | null> {
  const act = (body['extra'] as { act?: { sub?: string } } | undefined)?.act?.sub;
  if (act !== undefined) {
    const service = await findAnybody(reader, act);
    return service && { id: service.id, kind: 'service', name: service.name };
  }
  const clientId = String(body['clientId']);
  if (!clientId.startsWith('app_')) return null;
  const application = await findApplication(reader, clientId);
  return application && { id: clientId, kind: 'application', name: application.name };
}

/** The scopes of ours in a scope parameter (RFC 6749 §3.3). */
export function scopesOf(text: unknown): TokenScope[] {
  const given = typeof text === 'string' ? text.split(' ') : [];
  return TOKEN_SCOPES.filter((scope) => given.includes(scope));
}

/** A service account by `domain/name`, as it names itself to the issuer. */
export function findServiceByName(reader: Reader, fullName: string) {
  const [domain = '', name = ''] = fullName.split('/');
  return reader
    .selectFrom('principals')
    .innerJoin('domains', 'domains.id', 'principals.domain_id')
    .select(['principals.id', 'principals.name'])
    .where('domains.name', '=', domain)
    .where('principals.name', '=', name)
    .where('principals.kind', '=', 'service')
    .where('principals.disabled_at', 'is', null)
    .executeTakeFirst();
}

export function findApplication(reader: Reader, id: string) {
  return reader.selectFrom('applications').selectAll().where('id', '=', id).executeTakeFirst();
}

export function listApplicationRows(reader: Reader) {
  return reader.selectFrom('applications').selectAll().orderBy('name').execute();
}

export async function insertApplication(
  transaction: Transaction,
  row: { id: string; name: string; redirectUris: string[]; createdBy: string; at: Date },
): Promise<boolean> {
  const inserted = await transaction
    .insertInto('applications')
    .values({
      id: row.id,
      name: row.name,
      redirect_uris: json(row.redirectUris),
      created_by: row.createdBy,
      created_at: row.at,
    })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .returning('id')
    .executeTakeFirst();
  return inserted !== undefined;
}

/** Removes an application and everything it was given. */
export async function removeApplication(transaction: Transaction, id: string): Promise<boolean> {
  await transaction
    .deleteFrom('issuer_objects')
    .where(sql<string>`body ->> 'clientId'`, '=', id)
    .execute();
  const removed = await transaction
    .deleteFrom('applications')
    .where('id', '=', id)
    .returning('id')
    .executeTakeFirst();
  return removed !== undefined;
}

/** The issuer's keys, the newest first. */
export function listKeys(reader: Reader) {
  return reader.selectFrom('issuer_keys').selectAll().orderBy('created_at', 'desc').orderBy('id').execute();
}

/** The same, and nobody else changes them until the transaction ends. */
export async function lockKeys(transaction: Transaction) {
  await sql`LOCK TABLE issuer_keys IN EXCLUSIVE MODE`.execute(transaction);
  return listKeys(transaction);
}

export async function insertKey(
  transaction: Transaction,
  key: { id: string; sealed: string; at: Date },
): Promise<void> {
  await transaction
    .insertInto('issuer_keys')
    .values({ id: key.id, sealed: key.sealed, created_at: key.at })
    .execute();
}

export async function resealKey(
  transaction: Transaction,
  key: { id: string; sealed: string },
): Promise<void> {
  await transaction.updateTable('issuer_keys').set({ sealed: key.sealed }).where('id', '=', key.id).execute();
}

export async function deleteKeys(transaction: Transaction, ids: string[]): Promise<void> {
  await transaction
    .deleteFrom('issuer_keys')
    .where('id', 'in', ['', ...ids])
    .execute();
}
