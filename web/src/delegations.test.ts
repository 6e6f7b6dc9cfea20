import { expect, test } from 'vitest';
import type { Me } from './api-types.ts';
import { ceilingFor, heldBy } from './delegations.ts';
import type { Delegation, Subscription } from './subscription-types.ts';

const me = {
  principal: { id: 'usr_1' },
  domains: [
    { name: 'agency', role: 'analyst' },
    { name: 'sales', role: 'steward' },
  ],
} as Me;
const person = { kind: 'person', id: 'usr_1', name: 'me@agency.example' };
const one = (more: object): Delegation =>
  ({
    ...{ id: 'dlg_1', product: 'stores.visits', major: 1, to: person, state: 'active' },
    delegatedAt: '2026-01-02',
    ...more,
  }) as Delegation;

test('I hold what was given to me or to a domain of mine, while it counts, the first one first', () => {
  const later = one({ id: 'dlg_2', delegatedAt: '2026-01-03' });
  const agency = one({ id: 'dlg_3', to: { kind: 'domain', id: 'dom_1', name: 'agency' } });
  const others = [
    one({ to: { kind: 'person', id: 'usr_2', name: 'you@agency.example' } }),
    one({ to: { kind: 'domain', id: 'dom_2', name: 'stores' } }),
    one({ state: 'expired' }),
    one({ product: 'sales.orders' }),
  ];
  expect(heldBy(me, [later, ...others, agency]).map(({ id }) => id)).toEqual(['dlg_3', 'dlg_2']);
});

test('the ceiling is that of the product in its major, and of the producer’s step alone', () => {
  const request = {
    waitsFor: 'owner',
    product: { domain: 'stores', name: 'visits', major: 1 },
  } as Subscription;
  expect(ceilingFor(request, [one({ major: 2 }), one({})])).toMatchObject({ major: 1 });
  expect(ceilingFor({ ...request, waitsFor: 'privacy' }, [one({})])).toBeUndefined();
});
