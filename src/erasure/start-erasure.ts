import { z } from 'zod';
import { authorize, mayCaller } from '../audit/decisions.ts';
import { recordChange, ruledBy } from '../audit/record-change.ts';
import { MeshError } from '../base/errors.ts';
import { subjectColumns } from '../contracts/data-subjects.ts';
import type { Contract } from '../contracts/odcs.ts';
import { type Context, operation } from '../identity/context.ts';
import { openSubjectHash } from '../pipelines/erased-subjects/erasure-key.ts';
import { listDatasetRows, readProduct } from '../products/store.ts';
import { productQuestion } from '../products/visible-products.ts';
import type { SubjectValues } from './erasure-model.ts';
import { ERASURE_VIEW, viewErasure } from './erasure-view.ts';
import { plainCase } from './records/without-values.ts';
import { readOwnErasure } from './read-own-erasure.ts';
import { insertErasure, needErasure } from './store.ts';

export const startErasure = operation({
  name: 'erasure.start',
  summary:
    'Erase a data subject from a dataset and everything derived from it, present and past; a job does it. With `dryRun` nothing is changed.',
  effect: 'write',
  http: { method: 'POST', path: '/erasures' },
  scope: 'write',
  input: z.object({
    product: z.string().describe('DOMAIN.PRODUCT'),
    dataset: z.string().optional().describe('only this one of its datasets, and what is derived from it'),
    subject: z.string().trim().min(1).max(1_000).describe('a key or identifier of the subject'),
    kind: z.string().optional().describe('of subject, where the product has several'),
    reason: z.string().trim().min(1).max(500),
    dryRun: z.boolean().default(false),
    sameAs: z
      .string()
      .optional()
      .describe('id of a dry run: refused where that was not about the same subject of the same place'),
  }),
  output: ERASURE_VIEW,
  async run(context, input) {
    const { database, secrets, clock, caller, queue } = context;
    const product = await readProduct(database.reader, input.product);
    if (!(await mayCaller(context, productQuestion('product.discover', product))))
      throw new MeshError('not-found', { facts: { what: `product ${input.product}` } });
    const granted = await authorize(context, {
      action: 'domain.erase',
      resource: { type: 'Domain', domain: product.domain },
      scope: { domainId: product.domain_id },
    });
    if (secrets === null) throw new MeshError('secret.no-key');
    refuseTellingReason(input);
    const target = [input.product, input.dataset].filter((part) => part !== undefined).join('.');
    const rows = await listDatasetRows(database.reader, product.id);
    const named = rows.filter(({ name }) => [name, undefined].includes(input.dataset));
    if (named.length === 0) throw new MeshError('not-found', { facts: { what: `dataset ${target}` } });
    const subject = kindOf(named, { target, asked: input.kind });
    const values: SubjectValues = { given: input.subject, keys: [], identifiers: [] };
    const hash = (await openSubjectHash(context)).of('given', input.subject);
    if (input.sameAs !== undefined) await needSame(context, input.sameAs, { target, subject, hash });
    const id = await database.transact(async (transaction) => {
      const made = await insertErasure(transaction, {
        ...{ domainId: product.domain_id, target, subject, subjectHash: hash, reason: input.reason },
        datasetIds: named.map((dataset) => dataset.id),
        seal: (owner) => secrets.seal(JSON.stringify(values), owner),
        dryRun: input.dryRun,
        requestedBy: caller.id,
        at: clock.now(),
      });
      await recordChange(context, transaction, {
        action: 'domain.erase',
        object: made,
        domainId: product.domain_id,
        ...ruledBy(granted),
        facts: { target, subject, hash, reason: input.reason, dryRun: input.dryRun },
      });
      await queue.enqueue(transaction, {
        kind: 'erase-subject',
        data: { erasureId: made },
        singletonKey: made,
      });
      return made;
    });
    return viewErasure(context, await needErasure(database.reader, id));
  },
});

/** Nobody keeps the value between a dry run and what follows it: it is typed again, and may be another one. */
async function needSame(
  context: Context,
  id: string,
  { target, subject, hash }: { target: string; subject: string; hash: string },
): Promise<void> {
  const { erasure } = await readOwnErasure(context, id);
  const isSame = erasure.target === target && erasure.subject === subject && erasure.subject_hash === hash;
  if (!isSame) throw new MeshError('erasure.other-subject', { facts: { id } });
}

/** The reason is kept, and the subject's value must not be. */
function refuseTellingReason({ reason, subject }: { reason: string; subject: string }): void {
  if (!plainCase(reason).includes(plainCase(subject))) return;
  const message = 'the reason is kept in the audit: name the case, not the subject';
  throw new MeshError('input.invalid', { problems: [{ message, pointer: '/reason' }] });
}

function kindOf(
  datasets: { contract: Record<string, unknown> }[],
  { target, asked }: { target: string; asked: string | undefined },
): string {
  const marks = datasets.flatMap(({ contract }) => subjectColumns(contract as unknown as Contract));
  const kinds = [...new Set(marks.map(({ subject }) => subject))].sort();
  if (asked === undefined && kinds.length > 1)
    throw new MeshError('erasure.kind-needed', { facts: { target, kinds } });
  const kind = asked ?? kinds[0];
  if (kind === undefined || !kinds.includes(kind))
    throw new MeshError('erasure.no-subject', { facts: { target } });
  return kind;
}
