import { authorize } from '../audit/decisions.ts';
import { recordChange, ruledBy } from '../audit/record-change.ts';
import { MeshError } from '../base/errors.ts';
import { operation } from '../identity/context.ts';
import { announceVersion } from './announce-version.ts';
import { TRANSITION_INPUT, TRANSITION_VIEW } from './publish-product.ts';
import { listConsumers, lockProduct, markStatus, readProduct } from './store.ts';
import { productQuestion } from './visible-products.ts';

export const retireProduct = operation({
  name: 'product.retire',
  summary: 'End a product that nobody uses any more.',
  effect: 'write',
  http: { method: 'POST', path: '/products/:domain/:product/retire' },
  scope: 'write',
  input: TRANSITION_INPUT,
  output: TRANSITION_VIEW,
  async run(context, input) {
    const found = await readProduct(context.database.reader, `${input.domain}.${input.product}`);
    const granted = await authorize(context, productQuestion('product.publish', found));
    const product = found.addressed;
    return context.database.transact(async (transaction) => {
      const { id, status, version } = await lockProduct(transaction, found.id);
      const answer = { product, version, status: 'retired' as const, dryRun: input.dryRun, runs: [] };
      if (status === 'retired') return { ...answer, changed: false };
      const domains = await listConsumers(transaction, id, ['active']);
      if (domains.length > 0) throw new MeshError('product.has-consumers', { facts: { product, domains } });
      if (input.dryRun) return { ...answer, changed: true };
      await markStatus(transaction, granted, { id, status: 'retired', at: context.clock.now() });
      await recordChange(context, transaction, {
        action: 'product.retire',
        object: id,
        domainId: found.domain_id,
        ...ruledBy(granted),
        facts: { product, version, from: status },
      });
      const ended = { ...found, version };
      await announceVersion(context, transaction, { product: ended, type: 'product.version.sunset' });
      return { ...answer, changed: true };
    });
  },
});
