import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { callerOf, openTestParts, type TestParts } from '../../test/fixtures/context.ts';
import { insertToldMesh, RELEASED, resetToldMesh } from '../../test/fixtures/told-mesh.ts';
import { LIMITS } from '../base/limits.ts';
import { announce, type MeshEvent } from '../store/outbox.ts';
import { expireSubscriptions, remindOfExpiry } from '../subscriptions/expire-subscriptions.ts';
import { deliverEvents } from './deliver-events.ts';
import { countInbox } from './inbox/count-inbox.ts';
import { listInbox } from './inbox/list-inbox.ts';
import { setPreference } from './inbox/preferences.ts';
import { readAllEntries, readEntries } from './inbox/read-inbox.ts';

let mesh: TestParts;

beforeAll(async () => {
  mesh = await openTestParts('deliver-events');
  await insertToldMesh(mesh.parts.database);
});
beforeEach(async () => {
  mesh.clock.set('2026-03-02T09:00:00Z');
  await resetToldMesh(mesh.parts.database);
});
afterAll(() => mesh.close());

test('a release reaches the people of the consumers, not its makers and not strangers', async () => {
  await tell(RELEASED);
  expect(await told()).toEqual(['usr_media_analyst', 'usr_media_steward']);
});

test('a failure reaches those who keep the pipeline', async () => {
  await tell({ ...RELEASED, type: 'run.failed', audience: 'producer' });
  expect(await told()).toEqual(['usr_sales_engineer', 'usr_sales_owner']);
});

test('a version reaches both sides but not the one who published it', async () => {
  await tell({ ...RELEASED, type: 'product.version.published', actor: 'usr_sales_engineer' });
  expect(await told()).toEqual(['usr_media_analyst', 'usr_media_steward', 'usr_sales_owner']);
});

test('an incident that a run caused is news to consumers: the producer was told of the run', async () => {
  const data = { kind: 'run-failed' };
  await tell({ ...RELEASED, type: 'incident.opened', data });
  expect(await told()).toEqual(['usr_media_analyst', 'usr_media_steward']);
  await tell({ ...RELEASED, type: 'incident.opened', data: { kind: 'late' } });
  expect(await told()).toContain('usr_sales_engineer');
});

test('who keeps a pipeline and reads it in another domain as well is told of its failure once', async () => {
  const membership = {
    domain_id: 'dom_marketing',
    principal_id: 'usr_sales_engineer',
    role: 'analyst' as const,
  };
  const both = (change: 'join' | 'leave') =>
    database().transact(async (transaction) => {
      if (change === 'join') await transaction.insertInto('memberships').values(membership).execute();
      else
        await transaction
          .deleteFrom('memberships')
          .where('domain_id', '=', membership.domain_id)
          .where('principal_id', '=', membership.principal_id)
          .execute();
    });
  await both('join');
  await tell({ ...RELEASED, type: 'incident.opened', data: { kind: 'checks-failed' } });
  expect(await told()).toEqual(['usr_media_analyst', 'usr_media_steward']);
  await tell({ ...RELEASED, type: 'run.blocked', audience: 'producer' });
  expect((await told()).filter((id) => id === 'usr_sales_engineer')).toHaveLength(1);
  await both('leave');
});

test('an emergency is told once to who is of the producer and named as well', async () => {
  const emergency = { ...RELEASED, type: 'product.elevated' as const, data: { elevation: 'elv_1' } };
  await tell({ ...emergency, audience: ['dom_sales'] });
  expect(await told()).toContain('usr_sales_owner');
  await tell({ ...emergency, audience: ['usr_sales_owner', 'usr_finance_owner'] });
  const all = await told();
  expect(all.filter((id) => id === 'usr_sales_owner')).toHaveLength(1);
  expect(all).toContain('usr_finance_owner');
});

test('domains and people may be named; who was named beside a domain must still belong to one', async () => {
  const audience = ['dom_marketing', 'dom_sales', 'usr_finance_owner', 'usr_media_analyst'];
  await tell({ ...RELEASED, type: 'subscription.rejected', audience });
  expect(await told()).toEqual(['usr_media_analyst', 'usr_media_steward']);
  await tell({ ...RELEASED, type: 'subscription.requested', audience: ['usr_finance_owner'] });
  expect(await told()).toContain('usr_finance_owner');
});

test('who may not discover the product any more is told nothing', async () => {
  const denied =
    'forbid (principal, action == Action::"product.discover", resource) unless { principal in resource.domain };';
  await database().transact((transaction) =>
    transaction
      .insertInto('policies')
      .values({ scope_id: 'prd_sell_out', name: 'access.cedar', text: denied })
      .execute(),
  );
  await tell({ ...RELEASED, type: 'product.version.deprecated' });
  expect(await told()).toEqual(['usr_sales_engineer', 'usr_sales_owner']);
});

test('a policy that errs lets nobody know', async () => {
  await database().transact((transaction) =>
    transaction
      .insertInto('policies')
      .values({ scope_id: 'mesh', name: 'broken.cedar', text: 'permit (' })
      .execute(),
  );
  await tell(RELEASED);
  expect(await told()).toEqual([]);
});

test('recipients are those of the moment of delivery', async () => {
  await database().transact((transaction) => announce(mesh.parts, transaction, RELEASED));
  await database().transact((transaction) =>
    transaction
      .updateTable('subscriptions')
      .set({ until: new Date('2026-03-02T08:59:59Z') })
      .execute(),
  );
  await deliverEvents(mesh.parts);
  expect(await told()).toEqual([]);
});

test('delivering again tells nobody twice, and two servers at once neither', async () => {
  await database().transact((transaction) => announce(mesh.parts, transaction, RELEASED));
  await Promise.all([deliverEvents(mesh.parts), deliverEvents(mesh.parts)]);
  await deliverEvents(mesh.parts);
  expect(await told()).toHaveLength(2);
});

test('an event of a product that is gone is told to nobody and waits no longer', async () => {
  await tell({ ...RELEASED, productId: 'prd_gone', audience: ['dom_sales'], type: 'product.version.sunset' });
  expect(await told()).toEqual([]);
  expect(await deliverEvents(mesh.parts)).toBe(0);
});

test('a flood in one minute comes as one entry that counts the rest', async () => {
  const flood = LIMITS.eventsPerMinute + 12;
  await database().transact(async (transaction) => {
    for (let n = 0; n < flood; n++) await announce(mesh.parts, transaction, RELEASED);
  });
  await deliverEvents(mesh.parts);
  const { entries } = await inbox('usr_media_analyst');
  expect(entries).toHaveLength(LIMITS.eventsPerMinute + 1);
  const folded = entries.find(({ type }) => type === 'events.folded');
  expect(folded).toMatchObject({ title: '12 further events of sales within a minute', data: { events: 12 } });
  mesh.clock.set('2026-03-02T09:01:00Z');
  await tell(RELEASED);
  expect((await inbox('usr_media_analyst')).entries).toHaveLength(LIMITS.eventsPerMinute + 2);
});

test('a kind that somebody has turned off stays out of their inbox alone', async () => {
  await setPreference.run(as('usr_media_analyst'), { type: 'dataset.released', on: false });
  await tell(RELEASED);
  expect(await told()).toEqual(['usr_media_steward']);
  const { kinds } = await setPreference.run(as('usr_media_analyst'), { type: 'dataset.released', on: true });
  expect(kinds.every(({ on }) => on)).toBe(true);
});

test('an inbox comes in pages, is counted, and read one by one or up to what was seen', async () => {
  for (let n = 1; n <= 5; n++) await tell({ ...RELEASED, title: `release ${n}` });
  const first = await inbox('usr_media_analyst', { limit: 2 });
  expect(first.entries.map(({ title }) => title)).toEqual(['release 5', 'release 4']);
  const second = await inbox('usr_media_analyst', { limit: 3, before: first.next! });
  expect(second).toMatchObject({ entries: [{ title: 'release 3' }, {}, { title: 'release 1' }], next: null });
  expect(first.entries[0]).toMatchObject({ link: '/products/sales/sell-out?dataset=weeks', read: false });
  const me = as('usr_media_analyst');
  await readEntries.run(me, { ids: [second.entries[0]!.id] });
  expect(await countInbox.run(me, {})).toEqual({ unread: 4, more: false });
  expect(await readAllEntries.run(me, { upTo: first.entries[1]!.id })).toEqual({ marked: 3 });
  const unread = await inbox('usr_media_analyst', { show: 'unread' });
  expect(unread.entries.map(({ title }) => title)).toEqual(['release 5']);
  expect(await countInbox.run(as('usr_media_steward'), {})).toMatchObject({ unread: 5 });
});

test('an end is told 14 and 3 days before, once each, and when it has come', async () => {
  await endsAt('2026-04-02T00:00:00Z');
  const seen: string[] = [];
  for (const now of [
    '03-18T23:59',
    '03-19T00:00',
    '03-19T00:01',
    '03-29T23:59',
    '03-30T00:00',
    '03-31T00:00',
    '04-02T00:00',
  ]) {
    mesh.clock.set(`2026-${now}:00Z`);
    await expireSubscriptions(mesh.parts);
    await remindOfExpiry(mesh.parts);
    await deliverEvents(mesh.parts);
    const { entries } = await inbox('usr_media_steward');
    for (const { title } of entries.slice(0, entries.length - seen.length)) seen.push(`${now} ${title}`);
  }
  expect(seen).toEqual([
    '03-19T00:00 the access of marketing to sales.sell-out ends after 2026-04-01',
    '03-30T00:00 the access of marketing to sales.sell-out ends after 2026-04-01',
    '04-02T00:00 the access of marketing to sales.sell-out has ended: its time is over',
  ]);
});

test('a server that was down reminds once; a grant for a week is not spoken of a fortnight before', async () => {
  await endsAt('2026-04-02T00:00:00Z');
  mesh.clock.set('2026-03-31T00:00:00Z');
  expect([await remindOfExpiry(mesh.parts), await remindOfExpiry(mesh.parts)]).toEqual([1, 0]);
  await endsAt('2026-03-09T00:00:00Z');
  mesh.clock.set('2026-03-02T10:00:00Z');
  expect(await remindOfExpiry(mesh.parts)).toBe(0);
  mesh.clock.set('2026-03-06T00:00:00Z');
  expect(await remindOfExpiry(mesh.parts)).toBe(1);
});

function database() {
  return mesh.parts.database;
}

async function endsAt(until: string): Promise<void> {
  await database().transact((transaction) =>
    transaction
      .updateTable('subscriptions')
      .set({ until: new Date(until) })
      .execute(),
  );
}

async function tell(event: MeshEvent): Promise<void> {
  await database().transact((transaction) => announce(mesh.parts, transaction, event));
  await deliverEvents(mesh.parts);
}

async function told(): Promise<string[]> {
  const rows = await database().reader.selectFrom('notifications').select('principal_id').execute();
  return rows.map(({ principal_id }) => principal_id).sort();
}

function as(id: string) {
  return mesh.as(callerOf(id));
}

function inbox(id: string, page: Partial<{ show: 'all' | 'unread'; before: string; limit: number }> = {}) {
  return listInbox.run(as(id), { show: 'all', limit: 100, ...page });
}
