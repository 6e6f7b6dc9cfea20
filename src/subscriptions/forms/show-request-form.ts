import { z } from 'zod';
import { authorize } from '../../audit/decisions.ts';
import { LIMITS } from '../../base/limits.ts';
import { operation } from '../../identity/context.ts';
import { addressOf } from '../../products/product-name.ts';
import { readProduct } from '../../products/store.ts';
import { productQuestion } from '../../products/visible-products.ts';
import { type AskedForm, readForm } from './store.ts';
import { joinForms } from './join-forms.ts';

const QUESTION = z.object({
  name: z.string(),
  ask: z.string(),
  type: z.enum(['text', 'choice', 'date', 'yes-no']),
  choices: z.array(z.string()).nullable(),
  required: z.boolean(),
});

const TERMS = z.object({
  product: z.string(),
  version: z.string().describe('what a request names in `agreed`'),
  contracts: z.array(
    z.object({
      dataset: z.string(),
      version: z.string(),
      usage: z.string().nullable(),
      limitations: z.string().nullable(),
    }),
  ),
});

/** `a.b,c.d` */
const PRODUCTS = z
  .string()
  .transform((text) => text.split(',').map((name) => name.trim()))
  .pipe(z.array(z.string()).min(1).max(LIMITS.basketProducts));

export const showRequestForm = operation({
  name: 'subscription.show-form',
  summary: 'What a request for these products has to answer, all together, and the terms to agree to.',
  effect: 'read',
  http: { method: 'GET', path: '/request-form' },
  scope: 'read',
  input: z.object({ products: PRODUCTS.describe('DOMAIN.PRODUCT, several with commas between') }),
  output: z.object({ questions: z.array(QUESTION), terms: z.array(TERMS) }),
  async run(context, { products }) {
    const { reader } = context.database;
    const forms: AskedForm[] = [];
    for (const name of products) {
      const product = await readProduct(reader, name);
      await authorize(context, productQuestion('product.request', product));
      forms.push(await readForm(reader, { id: product.id, name: addressOf(product) }));
    }
    const terms = forms.filter((form) => form.terms);
    return {
      questions: joinForms(forms).questions,
      terms: terms.map(({ product, agreement }) => ({ product, ...agreement })),
    };
  },
});
