import { z } from 'zod';
import { LIMITS } from '../base/limits.ts';
import { closed, oneOf } from '../contracts/model-elements.ts';
import { WRITTEN_FORM, writtenForm } from '../subscriptions/forms/request-form.ts';
import { COLUMN_MASK, TAG_EXPRESSION } from '../subscriptions/grant.ts';

const text = z.string();
export const DAY = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;
const day = text.regex(DAY, 'must be a date such as 2026-12-31');
const purpose = text
  .trim()
  .min(3, 'must say what the data is used for')
  .max(500, 'must be at most 500 characters');
const title = text.trim().min(1, 'must not be empty').max(200, 'must be at most 200 characters');
const attributes = z.record(text, z.union([text, z.array(text)]));
/** Read and judged by `policy/restriction.ts`. */
const restrictions = z.array(z.unknown());
/** More pipelines at a time than any server has places for mean no limit. */
const MOST_CONCURRENT = 1_000;

/** Somebody by name, or everybody with a role in a domain. */
const named = closed({
  person: text.regex(/^[^\s@]+@[^\s@]+$/, 'must be an e-mail address').optional(),
  domain: text.optional(),
  role: oneOf(['owner', 'steward', 'engineer', 'analyst']).optional(),
});
export type NamedPeople = z.output<typeof named>;

/** `mesh.yaml`: what counts for all domains; administrators only. */
export const meshDocument = closed({
  name: text,
  title: title.optional(),
  description: text.optional(),
  /** Read and judged by `policy/tag-vocabulary.ts`. */
  tags: z.record(text, z.unknown()).optional(),
  calendars: z.record(text, z.record(text, z.unknown())).optional(),
  attributes: closed({
    domains: z.record(text, attributes).optional(),
    people: z.record(text, attributes).optional(),
  }).optional(),
  restrictions: restrictions.optional(),
  /** Who approves the use of personal data, after the producer. */
  privacy: closed({ approvers: z.array(named) }).optional(),
  /** Who may read in an emergency, where the producer allows it, and for how long. */
  breakGlass: closed({
    people: z.array(named),
    minutes: z.int().min(1).max(LIMITS.elevationMinutes).optional(),
  }).optional(),
  /** What every request is asked. */
  requests: writtenForm.optional(),
});
export type MeshDocument = z.output<typeof meshDocument>;

const member = closed({
  person: text.regex(/^[^\s@]+@[^\s@]+$/, 'must be an e-mail address').optional(),
  service: text.optional(),
  name: title.optional(),
  role: oneOf(['owner', 'steward', 'engineer', 'analyst']),
});

/** A variable is a name, a number or a path of an environment, not a document. */
const MOST_CHARACTERS = 4_000;

const subscription = closed({
  product: text,
  purpose,
  until: day.optional(),
  /** To the product's request form, by the names of its questions. */
  answers: z.record(text, z.union([text, z.boolean()])).optional(),
  /** To the terms of the product's contracts, as they are when it is asked. */
  terms: oneOf(['agreed']).optional(),
});

/** `domains/<domain>/domain.yaml`. */
export const domainDocument = closed({
  name: text,
  title: title.optional(),
  description: text.optional(),
  /** Inherited by everything in the domain. */
  tags: z.array(text).optional(),
  members: z.array(member).optional(),
  /** For the contracts of the domain's products (ODCS 3.2 "Variables"). */
  variables: z.record(text, text.max(MOST_CHARACTERS)).optional(),
  subscriptions: z.array(subscription).optional(),
  /** Whether its products are read in an emergency, where they do not say it themselves. */
  breakGlass: closed({ allow: z.boolean() }).optional(),
  /** What requests for its products are asked, beside what the mesh asks. */
  requests: writtenForm.optional(),
  restrictions: restrictions.optional(),
  pipelines: closed({ concurrent: z.int().min(1).max(MOST_CONCURRENT) }).optional(),
});
export type DomainDocument = z.output<typeof domainDocument>;

/** `request.yaml` beside a product: what requests for it are asked, beside what domain and mesh ask. */
export const requestDocument = closed({
  ...WRITTEN_FORM,
  /** Whether the product is read in an emergency, and what of it. */
  breakGlass: closed({
    allow: z.boolean(),
    rows: text.optional(),
    columns: z.array(text).min(1, 'must name a column, or be left out for all').optional(),
    masks: z.record(text, COLUMN_MASK).optional(),
  }).optional(),
});
export type RequestDocument = z.output<typeof requestDocument>;

/** `restrictions.yaml` beside a product. */
export const restrictionsDocument = closed({ restrictions });
export type RestrictionsDocument = z.output<typeof restrictionsDocument>;

const grant = closed({
  domain: text,
  purpose,
  rows: text.optional(),
  columns: z.array(text).min(1, 'must name a column, or be left out for all').optional(),
  tags: TAG_EXPRESSION.optional(),
  masks: z.record(text, COLUMN_MASK).optional(),
  until: day.optional(),
});

/** `grants.yaml` beside a product: requests that are approved beforehand. */
export const grantsDocument = closed({ grants: z.array(grant) });
export type GrantsDocument = z.output<typeof grantsDocument>;
