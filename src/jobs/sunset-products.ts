import type { Parts } from '../identity/context.ts';
import { sunsetProducts } from '../subscriptions/sunset-products.ts';

/** A major is refused from its sunset on by the plan itself; the state follows within a minute. */
export async function sunsetProductsJob(parts: Parts): Promise<void> {
  await parts.queue.work('sunset-products', async () => {
    await sunsetProducts(parts);
  });
  await parts.queue.schedule('sunset-products', '* * * * *');
}
