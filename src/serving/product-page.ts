import { z } from 'zod';
import { ELEVATION_VIEW } from '../subscriptions/elevation/elevation-view.ts';
import { INCIDENT_VIEW } from '../incidents/views.ts';
import { PRODUCT_STATUSES, PRODUCT_VIEW } from '../products/list-products.ts';
import { STANDINGS } from '../products/standing.ts';
import { COLUMN_MASK } from '../subscriptions/grant.ts';
import { PROOF_VIEW, SUBSCRIPTION_STATES } from '../subscriptions/views.ts';
import { TAG_VIEW } from './tag-view.ts';

const nullableText = z.string().nullable();
const scalar = z.union([z.string(), z.number(), z.boolean()]).nullable();

export const COLUMN_ACCESS = ['visible', 'masked', 'hidden', 'not-granted'] as const;

const column = z.object({
  name: z.string(),
  type: z.string(),
  description: nullableText,
  businessName: nullableText,
  required: z.boolean(),
  unique: z.boolean(),
  primaryKey: z.boolean(),
  classification: nullableText,
  personal: z
    .boolean()
    .describe('holds personal data, in whole or in a part, by its own tags or inherited ones'),
  tags: z.array(z.string()).describe('set on the column itself'),
  effectiveTags: z.array(TAG_VIEW).describe('with those inherited from dataset, product and domain'),
  access: z.enum(COLUMN_ACCESS).describe('what you would see of it'),
  mask: COLUMN_MASK.optional(),
});

const release = z.object({
  id: z.string(),
  number: z.number().int(),
  releasedAt: z.string(),
  rows: z.number().int(),
  bytes: z.number().int(),
  checks: z.array(z.unknown()),
});

export const DATASET_PAGE = z.object({
  id: z.string(),
  name: z.string(),
  sqlNames: z.array(z.string()),
  description: z.string(),
  contract: z.object({ id: z.string(), version: z.string(), text: z.string() }),
  effectiveTags: z.array(TAG_VIEW),
  columns: z.array(column),
  rowFilter: nullableText.describe('the rows you would see; null for all or none'),
  quality: z.array(z.object({ id: z.string(), title: z.string(), severity: nullableText })),
  sla: z.array(z.object({ property: z.string(), value: scalar, unit: nullableText })),
  release: release.nullable(),
});
export type DatasetPage = z.output<typeof DATASET_PAGE>;

const heldSubscription = z.object({
  id: z.string(),
  domain: z.string().describe('the consumer domain'),
  domainTitle: z.string(),
  purpose: z.string(),
  state: z.enum(SUBSCRIPTION_STATES),
  until: nullableText,
  endedBy: nullableText.describe('who rejected or ended it'),
  endedAt: nullableText,
  reason: nullableText,
  rowFilter: nullableText,
  columns: z.array(z.string()).nullable(),
  tags: z.record(z.string(), z.array(z.string())).nullable(),
  masks: z.record(z.string(), COLUMN_MASK),
  proof: PROOF_VIEW,
  usage: z.object({ queries: z.number().int(), rows: z.number().int(), lastUsedAt: nullableText }),
});
export type HeldSubscriptionView = z.output<typeof heldSubscription>;

const MAJOR = z.object({
  major: z.number().int(),
  version: z.string(),
  address: z.string().describe('the name that leads to this major'),
  status: z.enum(PRODUCT_STATUSES),
  current: z.boolean(),
  sunsetAt: nullableText.describe('when it stops being served'),
  access: z.enum(STANDINGS),
});
export type MajorView = z.output<typeof MAJOR>;

const VERSION = z.object({
  version: z.string(),
  publishedAt: z.string(),
  changes: z.array(
    z.object({
      dataset: z.string(),
      class: z.enum(['breaking', 'compatible', 'cosmetic']),
      code: z.string(),
      message: z.string(),
    }),
  ),
});
export type VersionView = z.output<typeof VERSION>;

/** Everything one page about a product shows, to this caller. */
export const PRODUCT_PAGE = PRODUCT_VIEW.omit({ datasets: true, incident: true }).extend({
  effectiveTags: z.array(TAG_VIEW),
  purpose: nullableText,
  limitations: nullableText,
  owner: z.object({
    domain: z.string(),
    title: z.string(),
    members: z
      .array(z.object({ name: z.string(), role: z.enum(['owner', 'steward', 'engineer', 'analyst']) }))
      .describe('for who is no member of the domain its owners and stewards alone'),
  }),
  support: z.array(z.object({ channel: z.string(), url: nullableText })),
  inputs: z.array(z.object({ domain: z.string(), product: z.string() })),
  myDomains: z.array(z.object({ domain: z.string(), access: z.enum(STANDINGS) })),
  may: z.object({
    publish: z.boolean(),
    run: z.boolean(),
    approve: z.boolean(),
    request: z.boolean(),
    elevate: z.boolean().describe('read it in an emergency'),
    delegate: z.boolean().describe('let others approve requests for it'),
    audit: z.boolean().describe('ask who can see it, now and at a past moment'),
  }),
  erasable: z.array(z.string()).describe('kinds of data subject that you may erase from it'),
  elevation: ELEVATION_VIEW.nullable().describe('your own emergency reading that counts now'),
  incidents: z.array(INCIDENT_VIEW).describe('living ones, worst and oldest first'),
  datasets: z.array(DATASET_PAGE),
  major: z.number().int(),
  majors: z.array(MAJOR).describe('all majors, newest first'),
  versions: z.array(VERSION).describe('everything published, newest first'),
  subscriptions: z.array(heldSubscription).optional().describe('only for those who may approve'),
});
