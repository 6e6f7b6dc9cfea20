import { z } from 'zod';
import { authorize } from '../audit/decisions.ts';
import { isoTime } from '../base/clock.ts';
import { MeshError } from '../base/errors.ts';
import { compareContracts } from '../contracts/changes/compare-contracts.ts';
import { requiredBump } from '../contracts/changes/required-version.ts';
import { lintContract } from '../contracts/read-contract.ts';
import { operation } from '../identity/context.ts';
import { listContractTexts } from './majors/store.ts';
import { listDatasets, readProduct } from './store.ts';
import { productQuestion } from './visible-products.ts';

/** Each is read and compared anew: a page's worth. */
const MOST_VERSIONS = 20;

const CONTRACT_VERSION = z.object({
  version: z.string(),
  at: z.string(),
  required: z.enum(['major', 'minor', 'patch']).nullable().describe('what its changes ask for'),
  changes: z
    .array(
      z.object({
        class: z.enum(['breaking', 'compatible', 'cosmetic']),
        code: z.string(),
        message: z.string(),
        pointer: z.string(),
      }),
    )
    .describe('what differs from the version before; none for the first'),
});

export const listContractVersions = operation({
  name: 'product.contract-versions',
  summary: 'List the versions of a dataset’s contract, newest first, and what each one changed.',
  effect: 'read',
  http: { method: 'GET', path: '/products/:domain/:product/datasets/:dataset/contracts' },
  scope: 'read',
  input: z.object({ domain: z.string(), product: z.string(), dataset: z.string() }),
  output: z.object({ versions: z.array(CONTRACT_VERSION), more: z.boolean() }),
  async run(context, input) {
    const { reader } = context.database;
    const product = await readProduct(reader, `${input.domain}.${input.product}`);
    await authorize(context, productQuestion('product.discover', product));
    const dataset = (await listDatasets(reader, product.id)).find(({ name }) => name === input.dataset);
    if (dataset === undefined)
      throw new MeshError('not-found', { facts: { what: `dataset ${product.addressed}.${input.dataset}` } });
    const rows = await listContractTexts(reader, dataset.id, MOST_VERSIONS + 1);
    const versions = rows.slice(0, MOST_VERSIONS).map(({ version, created_at, text }, index) => {
      const changes = changesBetween(rows[index + 1]?.text, text);
      return { version, at: isoTime(created_at), required: requiredBump(changes), changes };
    });
    return { versions, more: rows.length > MOST_VERSIONS };
  },
});

/** Texts of earlier releases of Crossdock may be none by today's rules: nothing is said of them then. */
function changesBetween(before: string | undefined, after: string) {
  if (before === undefined) return [];
  const [old, next] = [before, after].map(
    (text) => lintContract({ file: 'contract', content: text }).document,
  );
  if (!old || !next) return [];
  return compareContracts(old, next).map(({ code, message, pointer, ...change }) => ({
    ...{ class: change.class, code, message, pointer },
  }));
}
