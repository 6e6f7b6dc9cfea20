import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { isMeshError } from '../../base/errors.ts';
import type { Caller } from '../../identity/caller.ts';
import { deliverEvents } from '../../notifications/deliver-events.ts';
import { callerOf, openTestParts, type TestParts } from '../../../test/fixtures/context.ts';
import { insertToldMesh, resetToldMesh } from '../../../test/fixtures/told-mesh.ts';
import { expireSubscriptions, remindOfExpiry } from '../expire-subscriptions.ts';
import { revokeSubscription } from '../revoke-subscription.ts';
import { findSubscription } from '../store.ts';
import { askRenewal } from './ask-renewal.ts';
import { approveRenewal, rejectRenewal, withdrawRenewal } from './decide-renewal.ts';
import { findRenewal } from './store.ts';

let mesh: TestParts;

const member = (id: string, domain: string, role: 'owner' | 'steward' | 'analyst'): Caller =>
  callerOf(id, [{ id: `dom_${domain}`, name: domain, title: domain, role }]);
const analyst = member('usr_media_analyst', 'marketing', 'analyst');
const owner = member('usr_sales_owner', 'sales', 'owner');
const second = member('usr_sales_second', 'sales', 'steward');

beforeAll(async () => {
  mesh = await openTestParts('renewal');
  await insertToldMesh(mesh.parts.database);
});
afterAll(() => mesh.close());

/** Marketing reads until the 20th of March, given in January. */
beforeEach(async () => {
  const { database } = mesh.parts;
  mesh.clock.set('2026-03-02T09:00:00Z');
  await database.transact(async (transaction) => {
    await transaction.deleteFrom('request_decisions').execute();
    await transaction.deleteFrom('renewals').execute();
  });
  await resetToldMesh(database);
  await database.transact(async (transaction) => {
    const text = '@id("ask") permit (principal, action == Action::"product.request", resource);';
    await transaction.insertInto('policies').values({ scope_id: 'mesh', name: 'ask.cedar', text }).execute();
    const end = { until: new Date('2026-03-21T00:00:00Z'), decided_at: new Date('2026-01-01T00:00:00Z') };
    await transaction.updateTable('subscriptions').set(end).execute();
  });
});

const ask = (until: string) => askRenewal.run(mesh.as(analyst), { id: 'sub_media', until });
const approve = (caller: Caller, id: string, until?: string) =>
  approveRenewal.run(mesh.as(caller), { id, until });
const subscription = async () => (await findSubscription(mesh.parts.database.reader, 'sub_media'))!;

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  return isMeshError(error) ? error.code : String(error);
}

async function toldOf(type: string): Promise<string[]> {
  await deliverEvents(mesh.parts);
  const rows = await mesh.parts.database.reader
    .selectFrom('notifications')
    .innerJoin('mesh_events', 'mesh_events.id', 'notifications.event_id')
    .select('principal_id')
    .where('type', '=', type)
    .execute();
  return rows.map(({ principal_id }) => principal_id).sort();
}

test('14 and 3 days before the end both sides are reminded, once each however often the job runs', async () => {
  expect(await remindOfExpiry(mesh.parts)).toBe(0);
  mesh.clock.set('2026-03-07T01:00:00Z');
  expect([await remindOfExpiry(mesh.parts), await remindOfExpiry(mesh.parts)]).toEqual([1, 0]);
  const both = ['usr_media_analyst', 'usr_media_steward', 'usr_sales_owner'];
  expect(await toldOf('subscription.expiring')).toEqual(both);
  mesh.clock.set('2026-03-18T01:00:00Z');
  expect([await remindOfExpiry(mesh.parts), await remindOfExpiry(mesh.parts)]).toEqual([1, 0]);
  expect(await toldOf('subscription.expiring')).toEqual([...both, ...both].sort());
});

test('a renewal moves the end and nothing else, and its new end is spoken of anew', async () => {
  const before = await subscription();
  const asked = await ask('2026-06-30');
  expect(asked).toMatchObject({
    state: 'active',
    renewal: { until: '2026-07-01T00:00:00.000Z', waitsFor: 'owner' },
  });
  expect(await ask('2026-06-30')).toEqual(asked);
  expect(await codeOf(ask('2026-09-30'))).toBe('subscription.renewal-waits');
  const renewed = await approve(owner, asked.renewal!.id, '2026-05-31');
  expect(renewed).toMatchObject({ state: 'active', until: '2026-06-01T00:00:00.000Z', renewal: null });
  expect({ ...(await subscription()), until: null }).toEqual({ ...before, until: null });
  expect(await toldOf('subscription.renewed')).toEqual(['usr_media_analyst', 'usr_media_steward']);
  mesh.clock.set('2026-05-29T01:00:00Z');
  expect(await remindOfExpiry(mesh.parts)).toBe(1);
});

test('a decision about a renewal counts once', async () => {
  const { renewal } = await ask('2026-06-30');
  await approve(owner, renewal!.id);
  expect((await approve(owner, renewal!.id)).until).toBe('2026-07-01T00:00:00.000Z');
  expect((await approve(second, renewal!.id)).until).toBe('2026-07-01T00:00:00.000Z');
  expect(await codeOf(approve(second, renewal!.id, '2026-05-31'))).toBe('subscription.decided');
  expect(await codeOf(rejectRenewal.run(mesh.as(owner), { id: renewal!.id, reason: 'no more' }))).toBe(
    'subscription.decided',
  );
});

test('a renewal is asked by the consumer for later, decided by the producer, and does not shorten', async () => {
  expect(await codeOf(ask('2026-03-10'))).toBe('input.invalid');
  expect(await codeOf(askRenewal.run(mesh.as(owner), { id: 'sub_media', until: '2026-06-30' }))).toBe(
    'auth.forbidden',
  );
  const { renewal } = await ask('2026-06-30');
  expect(await codeOf(approve(analyst, renewal!.id))).toBe('auth.forbidden');
  expect(await codeOf(approve(owner, renewal!.id, '2026-03-10'))).toBe('input.invalid');
  expect(await codeOf(approve(callerOf('usr_finance_owner'), renewal!.id))).toBe('not-found');
  const withdrawn = await withdrawRenewal.run(mesh.as(analyst), { id: renewal!.id });
  expect(withdrawn).toMatchObject({ state: 'active', renewal: null, until: '2026-03-21T00:00:00.000Z' });
  expect(await codeOf(approve(owner, renewal!.id))).toBe('subscription.state');
});

test('a rejected renewal leaves the end as it was', async () => {
  const { renewal } = await ask('2026-06-30');
  const rejected = await rejectRenewal.run(mesh.as(owner), {
    id: renewal!.id,
    reason: 'the campaign is over',
  });
  expect(rejected).toMatchObject({ state: 'active', until: '2026-03-21T00:00:00.000Z', renewal: null });
  expect((await ask('2026-06-30')).renewal).not.toBeNull();
});

test('what has ended is not begun again by a renewal that was not decided in time', async () => {
  const { renewal } = await ask('2026-06-30');
  mesh.clock.set('2026-03-21T00:00:10Z');
  expect(await codeOf(approve(owner, renewal!.id))).toBe('subscription.state');
  await expireSubscriptions(mesh.parts);
  expect((await findRenewal(mesh.parts.database.reader, renewal!.id))?.state).toBe('lapsed');
  expect(await codeOf(approve(owner, renewal!.id))).toBe('subscription.state');
  expect((await subscription()).state).toBe('expired');
});

test('a revoke ends the renewal too', async () => {
  const { renewal } = await ask('2026-06-30');
  await revokeSubscription.run(mesh.as(owner), { id: 'sub_media', reason: 'misuse' });
  expect((await findRenewal(mesh.parts.database.reader, renewal!.id))?.state).toBe('lapsed');
});
