import { authorize } from '../audit/decisions.ts';
import { recordChange } from '../audit/record-change.ts';
import { MeshError } from '../base/errors.ts';
import { operation } from '../identity/context.ts';
import { announceVersion } from './announce-version.ts';
import { TRANSITION_INPUT, TRANSITION_VIEW } from './publish-product.ts';
import { lockProduct, markStatus, readProduct } from './store.ts';
import { productQuestion } from './visible-products.ts';

export const deprecateProduct = operation({
  name: 'product.deprecate',
  summary: 'Say that a product will end: consumers keep their access, nobody new gets in.',
  effect: 'write',
  http: { method: 'POST', path: '/products/:domain/:product/deprecate' },
  scope: 'write',
  input: TRANSITION_INPUT,
  output: TRANSITION_VIEW,
  async run(context, input) {
    const found = await readProduct(context.database.reader, `${input.domain}.${input.product}`);
    const granted = await authorize(context, productQuestion('product.publish', found));
    const product = `${found.domain}.${found.name}`;
    return context.database.transact(async (transaction) => {
      const { id, status, version } = await lockProduct(transaction, found.id);
      const answer = { product, version, status: 'deprecated' as const, dryRun: input.dryRun, runs: [] };
      if (status === 'deprecated') return { ...answer, changed: false };
      if (status !== 'published')
        throw new MeshError('product.not-published', { facts: { product, status } });
      if (input.dryRun) return { ...answer, changed: true };
      await markStatus(transaction, granted, { id, status: 'deprecated', at: context.clock.now() });
      await recordChange(context, transaction, {
        action: 'product.deprecate',
        object: id,
        domainId: found.domain_id,
        reasons: granted.reasons,
        facts: { product, version, from: status },
      });
      const ended = { ...found, version };
      await announceVersion(context, transaction, { product: ended, type: 'product.version.deprecated' });
      return { ...answer, changed: true };
    });
  },
});
