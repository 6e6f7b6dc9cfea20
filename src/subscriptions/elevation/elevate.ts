import { z } from 'zod';
import { authorize } from '../../audit/decisions.ts';
import { recordChange, recordRefusal, ruledBy } from '../../audit/record-change.ts';
import { isoTime } from '../../base/clock.ts';
import { MeshError } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import { type Context, operation } from '../../identity/context.ts';
import type { Granted } from '../../policy/decide.ts';
import { listDatasets, lockProduct, type NamedProduct, readProduct } from '../../products/store.ts';
import { productQuestion } from '../../products/visible-products.ts';
import type { Transaction } from '../../store/database.ts';
import { type GrantedAccess, readGrant } from '../grant.ts';
import { announceElevation } from './announce-elevation.ts';
import { ELEVATION_VIEW, viewElevation } from './elevation-view.ts';
import { isNamedFor } from './named-people.ts';
import {
  type EmergencyRules,
  findElevation,
  insertElevation,
  listElevations,
  readEmergencyRules,
} from './store.ts';

const MINUTE_MS = 60_000;

export const elevate = operation({
  name: 'product.elevate',
  summary:
    'Read a product in an emergency, for some minutes, as far as its producer allows: everybody concerned is told.',
  effect: 'write',
  http: { method: 'POST', path: '/products/:domain/:product/elevate' },
  scope: 'write',
  input: z.object({
    domain: z.string(),
    product: z.string(),
    reason: z.string().trim().min(10, 'must say what happened').max(2_000),
    minutes: z.number().int().min(1).max(LIMITS.elevationMinutes),
  }),
  output: ELEVATION_VIEW,
  async run(context, { domain, product: name, reason, minutes }) {
    const { reader } = context.database;
    const product = await readProduct(reader, `${domain}.${name}`);
    const rules = await readEmergencyRules(reader, product.id);
    const granted = await permit(context, product, rules);
    judge(context, product, { rules, minutes });
    const access = readGrant(rules.given ?? {}, await listDatasets(reader, product.id));
    const id = await context.database.transact((transaction) =>
      write(context, transaction, { product, reason, minutes, access, granted }),
    );
    return viewElevation((await findElevation(reader, id))!);
  },
});

/** Both have to say yes, the mesh for the person and the producer for the product; a policy may still say no. */
async function permit(
  context: Context,
  product: NamedProduct,
  { given }: EmergencyRules,
): Promise<Granted<'product.elevate'>> {
  const elevation = { named: await isNamedFor(context, 'breakGlass'), allowed: given !== null };
  const granted = await authorize(context, { ...productQuestion('product.elevate', product), elevation });
  if (elevation.named && elevation.allowed) return granted;
  const what = `${product.domain}.${product.name}`;
  const reasons = ['a policy permits what mesh.yaml or the producer does not'];
  await recordRefusal(context, {
    action: 'product.elevate',
    object: what,
    domainId: product.domain_id,
    reasons,
    facts: { objectId: product.id },
  });
  throw new MeshError('auth.forbidden', { facts: { action: 'elevate', what, owner: product.domain } });
}

const DEFAULT_MINUTES = 60;

function judge(
  { caller }: Context,
  product: NamedProduct,
  { rules, minutes }: { rules: EmergencyRules; minutes: number },
): void {
  const own = caller.domains.find(({ id }) => id === product.domain_id);
  const name = `${product.domain}.${product.name}`;
  if (own !== undefined) {
    throw new MeshError('subscription.own-product', { facts: { product: name, domain: own.name } });
  }
  if (caller.domains.length === 0)
    throw new MeshError('subscription.domain-needed', { facts: { domains: 'none' } });
  const { status } = product;
  if (status !== 'published' && status !== 'deprecated') {
    throw new MeshError('subscription.not-open', { facts: { product: name, status } });
  }
  const most = rules.minutes ?? DEFAULT_MINUTES;
  if (minutes <= most) return;
  const problem = { message: `the mesh gives at most ${most} minutes at once`, pointer: '/minutes' };
  throw new MeshError('input.invalid', { problems: [problem] });
}

interface Writing {
  product: NamedProduct;
  reason: string;
  minutes: number;
  access: GrantedAccess;
  granted: Granted<'product.elevate'>;
}

async function write(
  context: Context,
  transaction: Transaction,
  { product, reason, minutes, access, granted }: Writing,
): Promise<string> {
  const at = context.clock.now();
  const principalId = context.caller.id;
  await lockProduct(transaction, product.id);
  const of = { productId: product.id, principalId, livingAt: at, limit: 1 };
  const [living] = await listElevations(transaction, of);
  // Asked twice is asked once: a second one would only hide when the first was to end.
  if (living !== undefined) return living.id;
  const until = new Date(at.getTime() + minutes * MINUTE_MS);
  const id = await insertElevation(transaction, {
    productId: product.id,
    principalId,
    reason,
    granted: access,
    at,
    until,
  });
  await recordChange(context, transaction, {
    action: 'product.elevate',
    object: product.id,
    domainId: product.domain_id,
    ...ruledBy(granted),
    facts: {
      elevation: id,
      product: `${product.domain}.${product.name}`,
      reason,
      minutes,
      until: isoTime(until),
    },
  });
  await announceElevation(context, transaction, { id, type: 'product.elevated', at, actor: principalId });
  return id;
}
