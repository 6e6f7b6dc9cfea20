import { authorize } from '../audit/decisions.ts';
import { recordChange, ruledBy } from '../audit/record-change.ts';
import { isoTime } from '../base/clock.ts';
import { MeshError } from '../base/errors.ts';
import { operation } from '../identity/context.ts';
import { announceVersion } from './announce-version.ts';
import { markSunset } from './majors/store.ts';
import { readSunset, SUNSET } from './majors/sunset.ts';
import { TRANSITION_INPUT, TRANSITION_VIEW } from './publish-product.ts';
import { lockProduct, markStatus, readProduct } from './store.ts';
import { productQuestion } from './visible-products.ts';

export const deprecateProduct = operation({
  name: 'product.deprecate',
  summary:
    'Say that a product will end, and when: consumers keep their access until then, nobody new gets in.',
  effect: 'write',
  http: { method: 'POST', path: '/products/:domain/:product/deprecate' },
  scope: 'write',
  input: TRANSITION_INPUT.extend({ sunset: SUNSET.describe('last day on which it is served') }),
  output: TRANSITION_VIEW,
  async run(context, input) {
    const found = await readProduct(context.database.reader, `${input.domain}.${input.product}`);
    const granted = await authorize(context, productQuestion('product.publish', found));
    const product = found.addressed;
    const at = context.clock.now();
    const sunsetAt = readSunset(input.sunset, at);
    return context.database.transact(async (transaction) => {
      const { id, status, version, ...row } = await lockProduct(transaction, found.id);
      const answer = { product, version, status: 'deprecated' as const, dryRun: input.dryRun, runs: [] };
      const isNewEnd = sunsetAt !== null && sunsetAt.getTime() !== row.sunset_at?.getTime();
      if (status === 'deprecated' && !isNewEnd) return { ...answer, changed: false };
      if (status !== 'published' && status !== 'deprecated')
        throw new MeshError('product.not-published', { facts: { product, status } });
      if (input.dryRun) return { ...answer, changed: true };
      if (status === 'published') await markStatus(transaction, granted, { id, status: 'deprecated', at });
      if (sunsetAt !== null) await markSunset(transaction, granted, { id, sunsetAt });
      const sunset = sunsetAt === null ? null : isoTime(sunsetAt);
      await recordChange(context, transaction, {
        action: 'product.deprecate',
        object: id,
        domainId: found.domain_id,
        ...ruledBy(granted),
        facts: { product, version, from: status, sunset },
      });
      const ended = { ...found, version };
      await announceVersion(context, transaction, {
        product: ended,
        type: 'product.version.deprecated',
        sunsetAt,
      });
      return { ...answer, changed: true };
    });
  },
});
