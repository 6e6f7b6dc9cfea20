import { authorize, decideWith, policyFactsOf } from '../audit/decisions.ts';
import { recordChange, ruledBy } from '../audit/record-change.ts';
import { MeshError } from '../base/errors.ts';
import type { CallerDomain } from '../identity/caller.ts';
import type { Context } from '../identity/context.ts';
import type { Granted } from '../policy/decide.ts';
import { addressOf } from '../products/product-name.ts';
import { listDatasets, type NamedProduct, readProduct } from '../products/store.ts';
import { productQuestion } from '../products/visible-products.ts';
import { isUniqueViolation, type Transaction } from '../store/database.ts';
import { announceSubscription } from './announce-subscription.ts';
import { writeApproval } from './approval/write-approval.ts';
import { type FilledForm, fillForms } from './forms/fill-form.ts';
import type { GivenAnswers } from './forms/read-answers.ts';
import { readForm } from './forms/store.ts';
import { EVERYTHING, readGrant } from './grant.ts';
import { findEarlier, insertRequest } from './store.ts';

/** What is asked for, of one product or of several with one purpose and one form. */
export interface Submission {
  products: string[];
  /** The consumer domain by name; needed of whoever belongs to several. */
  domain: string | undefined;
  purpose: string;
  columns: string[] | null;
  until: Date | null;
  answers: GivenAnswers;
  agreed: string[];
  basketId: string | null;
}

/** A product that may be asked for, with the permission to. */
interface Askable {
  product: NamedProduct;
  granted: Granted<'product.request'>;
}

/**
 * Sends a request to each producer, all of them or none. Returns their ids in the order of the products.
 * @throws MeshError `subscription.form-incomplete` with everything that is missing
 */
export async function submitRequests(context: Context, submission: Submission): Promise<string[]> {
  const consumer = consumerDomain(context, submission.domain);
  const askable = await readAskable(context, submission, consumer);
  await judgeColumns(context, askable, submission.columns);
  const forms = await fill(context, askable, submission);
  return context.database.transact(async (transaction) => {
    const ids: string[] = [];
    for (const [index, one] of askable.entries()) {
      const writing = { ...one, consumer, submission, form: forms[index]! };
      ids.push(await write(context, transaction, writing));
    }
    return ids;
  });
}

function consumerDomain(context: Context, name: string | undefined): CallerDomain {
  const { domains } = context.caller;
  const chosen = name === undefined ? domains : domains.filter((domain) => domain.name === name);
  if (chosen.length === 1 && chosen[0] !== undefined) return chosen[0];
  const names = domains.map((domain) => domain.name);
  throw new MeshError('subscription.domain-needed', {
    facts: { domains: names.length === 0 ? 'none' : names },
  });
}

async function readAskable(
  context: Context,
  { products, purpose }: Submission,
  consumer: CallerDomain,
): Promise<Askable[]> {
  const found: Askable[] = [];
  for (const name of products) {
    const product = await readProduct(context.database.reader, name);
    const granted = await authorize(context, { ...productQuestion('product.request', product), purpose });
    judge(product, consumer);
    if (found.some((one) => one.product.id === product.id)) {
      const problem = { message: `${name} stands twice`, pointer: `/products/${found.length}` };
      throw new MeshError('input.invalid', { problems: [problem] });
    }
    found.push({ product, granted });
  }
  return found;
}

function judge(product: NamedProduct, consumer: CallerDomain): void {
  const facts = { product: `${product.domain}.${product.name}`, domain: consumer.name };
  if (product.domain_id === consumer.id) throw new MeshError('subscription.own-product', { facts });
  if (product.status !== 'published') {
    throw new MeshError('subscription.not-open', { facts: { ...facts, status: product.status } });
  }
}

/** Columns asked for have to be there, in any of the datasets. */
async function judgeColumns(
  { database }: Context,
  askable: Askable[],
  columns: string[] | null,
): Promise<void> {
  if (columns === null) return;
  for (const { product } of askable) readGrant({ columns }, await listDatasets(database.reader, product.id));
}

async function fill(
  { database }: Context,
  askable: Askable[],
  { answers, agreed, products }: Submission,
): Promise<FilledForm[]> {
  const forms = await Promise.all(
    askable.map(({ product }) => readForm(database.reader, { id: product.id, name: addressOf(product) })),
  );
  const { filled, problems } = fillForms(forms, { answers, agreed });
  if (problems.length === 0) return filled;
  throw new MeshError('subscription.form-incomplete', { facts: { products }, problems });
}

interface Writing extends Askable {
  consumer: CallerDomain;
  submission: Submission;
  form: FilledForm;
}

/** Who decides where no person does. */
export const POLICY = 'crossdock';

/** The request, and at once the owner's step where a policy permits `product.subscribe` (auto-approval). */
async function write(context: Context, transaction: Transaction, writing: Writing): Promise<string> {
  const { product, granted } = writing;
  const at = context.clock.now();
  const id = await insert(context, transaction, writing);
  const { purpose, columns } = writing.submission;
  await recordChange(context, transaction, {
    action: 'subscription.request',
    object: id,
    domainId: product.domain_id,
    ...ruledBy(granted),
    facts: { consumer: writing.consumer.name, purpose, columns, ...writing.form },
  });
  const policies = await policyFactsOf(transaction, { domainId: product.domain_id, productId: product.id });
  const question = { ...productQuestion('product.subscribe', product), purpose };
  const subscribe = decideWith(context, question, policies);
  if (subscribe.allowed) {
    const ruling = ruledBy(subscribe.granted);
    const approval = { id, step: 'owner', granted: EVERYTHING, until: null, by: POLICY, ...ruling } as const;
    await writeApproval(context, transaction, approval);
  } else {
    const asked = { id, type: 'subscription.requested', at, actor: context.caller.id } as const;
    await announceSubscription(context, transaction, asked);
  }
  return id;
}

async function insert(
  { caller, clock }: Context,
  transaction: Transaction,
  { product, consumer, submission, form }: Writing,
): Promise<string> {
  const { purpose, columns, until, basketId } = submission;
  try {
    return await insertRequest(transaction, {
      productId: product.id,
      domainId: consumer.id,
      requestedBy: caller.id,
      at: clock.now(),
      follows: await findEarlier(transaction, { product, domainId: consumer.id, purpose }),
      ...{ purpose, until, columns, basketId },
      ...form,
    });
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw new MeshError('subscription.exists', {
      facts: { product: addressOf(product), domain: consumer.name },
    });
  }
}
