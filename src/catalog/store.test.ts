import { afterAll, beforeAll, expect, test } from 'vitest';
import { testDatabase } from '../../test/fixtures/database.ts';
import { type Database, json } from '../store/database.ts';
import { findCandidates, refreshSearchDocuments } from './store.ts';

const AT = new Date('2026-01-02T09:00:00Z');
let database: Database;

beforeAll(async () => {
  database = await testDatabase('catalog/store');
  await database.transact(async (transaction) => {
    const stamp = { document: json({}), text: '', created_at: AT, updated_at: AT };
    await transaction
      .insertInto('domains')
      .values({ id: 'dom_1', name: 'sales', title: 'Sales', description: 'What is sold.', ...stamp })
      .execute();
    const products = [
      { name: 'basket', title: 'Baskets of shoppers', description: 'Every till receipt.' },
      { name: 'promotions', title: 'Promotions', description: 'What was on offer, by shopper and basket.' },
      { name: 'planogram', title: 'Planogram', description: 'Shelves as they should be.' },
    ];
    await transaction
      .insertInto('products')
      .values(
        products.map((product) => ({
          ...product,
          ...stamp,
          id: `prd_${product.name}`,
          domain_id: 'dom_1',
          status: 'published' as const,
          tags: json([]),
          version: '1.0.0',
        })),
      )
      .execute();
    const productIds = products.map(({ name }) => `prd_${name}`);
    await refreshSearchDocuments(transaction, { domainIds: ['dom_1'], productIds });
  });
});
afterAll(() => database.close());

async function found(text: string): Promise<string[]> {
  const query = { text, kind: undefined, domain: undefined, offset: 0, limit: 10 };
  return (await findCandidates(database.reader, query)).map(({ name }) => name);
}

test.each([
  ['a name', 'planogram', ['planogram']],
  ['half a word', 'planog', ['planogram']],
  ['another form of a word', 'promotion', ['promotions']],
  ['the name before the description', 'basket', ['basket', 'promotions']],
  ['a word with a letter missing', 'baket', ['basket', 'promotions']],
  ['letters that changed places', 'promotoins', ['promotions']],
  ['neighbouring letters that changed places in a short word', 'slaes', ['sales']],
  ['neighbouring letters that changed places in a long word', 'palnogram', ['planogram']],
  ['such letters in another form of a word', 'shopepr', ['basket', 'promotions']],
  ['such letters in a word of a description', 'sehlves', ['planogram']],
  ['two words with such letters', 'bakset shpopers', ['basket', 'promotions']],
  ['two words, one of them mistyped', 'baket shoppers', ['basket', 'promotions']],
  ['a word of a description', 'shelves', ['planogram']],
  ['a domain', 'sales', ['sales']],
  ['nothing like it', 'zebra', []],
  ['what would be an operator', "a & !b | ':* (", []],
])('%s finds what is meant', async (_case, text, names) => {
  expect(await found(text)).toEqual(names);
});
