import { z } from 'zod';
import { authorize, decideWith, policyFactsOf } from '../audit/decisions.ts';
import { recordChange } from '../audit/record-change.ts';
import { MeshError } from '../base/errors.ts';
import type { CallerDomain } from '../identity/caller.ts';
import { type Context, operation } from '../identity/context.ts';
import type { Granted } from '../policy/decide.ts';
import { listDatasets, type NamedProduct, readProduct } from '../products/store.ts';
import { productQuestion } from '../products/visible-products.ts';
import { isUniqueViolation, type Transaction } from '../store/database.ts';
import { announceSubscription } from './announce-subscription.ts';
import { writeApproval } from './approval/write-approval.ts';
import { readUntil, UNTIL } from './end-date.ts';
import { EVERYTHING, NARROWING, readGrant } from './grant.ts';
import { findEarlier, findSubscription, insertRequest } from './store.ts';
import { SUBSCRIPTION_VIEW, viewSubscription } from './views.ts';

const INPUT = z.object({
  product: z.string().describe('DOMAIN.PRODUCT'),
  domain: z.string().optional().describe('the consumer domain; needed when you belong to several'),
  purpose: z.string().trim().min(3).max(500).describe('what the data will be used for'),
  columns: NARROWING.columns.describe('the columns asked for; absent asks for all'),
  until: UNTIL,
});

export const requestAccess = operation({
  name: 'subscription.request',
  summary: 'Ask a producer for access to a product, for a purpose.',
  effect: 'write',
  http: { method: 'POST', path: '/requests' },
  scope: 'write',
  input: INPUT,
  output: SUBSCRIPTION_VIEW,
  async run(context, input) {
    const product = await readProduct(context.database.reader, input.product);
    const consumer = consumerDomain(context, input.domain);
    const granted = await authorize(context, {
      ...productQuestion('product.request', product),
      purpose: input.purpose,
    });
    judge(product, consumer);
    const until = readUntil(input.until, context.clock.now());
    const { columns } = readGrant(
      { columns: input.columns },
      await listDatasets(context.database.reader, product.id),
    );
    const id = await context.database
      .transact((transaction) =>
        write(context, transaction, { product, consumer, purpose: input.purpose, columns, until, granted }),
      )
      .catch((error: unknown) => {
        if (!isUniqueViolation(error)) throw error;
        throw new MeshError('subscription.exists', {
          facts: { product: input.product, domain: consumer.name },
        });
      });
    return viewSubscription((await findSubscription(context.database.reader, id))!);
  },
});

function consumerDomain(context: Context, name: string | undefined): CallerDomain {
  const { domains } = context.caller;
  const chosen = name === undefined ? domains : domains.filter((domain) => domain.name === name);
  if (chosen.length === 1 && chosen[0] !== undefined) return chosen[0];
  const names = domains.map((domain) => domain.name);
  throw new MeshError('subscription.domain-needed', {
    facts: { domains: names.length === 0 ? 'none' : names },
  });
}

function judge(product: NamedProduct, consumer: CallerDomain): void {
  const facts = { product: `${product.domain}.${product.name}`, domain: consumer.name };
  if (product.domain_id === consumer.id) throw new MeshError('subscription.own-product', { facts });
  if (product.status !== 'published') {
    throw new MeshError('subscription.not-open', { facts: { ...facts, status: product.status } });
  }
}

interface Writing {
  product: NamedProduct;
  consumer: CallerDomain;
  purpose: string;
  columns: string[] | null;
  until: Date | null;
  granted: Granted<'product.request'>;
}

/** Who decides where no person does. */
const POLICY = 'crossdock';

/** The request, and at once the owner's step where a policy permits `product.subscribe` (auto-approval). */
async function write(context: Context, transaction: Transaction, writing: Writing): Promise<string> {
  const { product, consumer, purpose, columns, until, granted } = writing;
  const at = context.clock.now();
  const by = context.caller.id;
  const id = await insertRequest(transaction, {
    productId: product.id,
    domainId: consumer.id,
    purpose,
    requestedBy: by,
    at,
    until,
    columns,
    follows: await findEarlier(transaction, { product, domainId: consumer.id, purpose }),
  });
  const change = {
    object: id,
    domainId: product.domain_id,
    facts: { consumer: consumer.name, purpose, columns },
  };
  await recordChange(context, transaction, {
    ...change,
    action: 'subscription.request',
    reasons: granted.reasons,
  });
  const policies = await policyFactsOf(transaction, { domainId: product.domain_id, productId: product.id });
  const question = { ...productQuestion('product.subscribe', product), purpose };
  const subscribe = decideWith(context, question, policies);
  if (!subscribe.allowed) {
    await announceSubscription(context, transaction, { id, type: 'subscription.requested', at, actor: by });
    return id;
  }
  const { reasons } = subscribe;
  const approval = { id, step: 'owner', granted: EVERYTHING, until, by: POLICY, reasons } as const;
  await writeApproval(context, transaction, approval);
  return id;
}
