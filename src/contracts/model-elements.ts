import { z } from 'zod';
import { type DocumentNumber, ExactNumber } from './exact-number.ts';

/**
 * A mapping that takes only these keys (`additionalProperties: false`). The message of an unknown key is the
 * list of known ones, from which the reader makes its suggestion.
 */
export function closed<Shape extends z.ZodRawShape>(shape: Shape) {
  const known = Object.keys(shape).join(' ');
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? known : undefined),
  });
}

/** One of a closed list of words. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.enum(words);
}

const DATE = /^\d{4}-\d{2}-\d{2}$/;
/** RFC 3339 §5.6 "date-time" after its date; the space is its own exception for readability. */
const TIME = /^[Tt ]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?([Zz]|[-+]\d{2}:?\d{2})$/;
/**
 * RFC 3986 §3.1 scheme; what follows stays open, because contracts write `s3://bucket/{model}/*.csv`. A text that
 * begins with a variable has its scheme from it (ODCS 3.2 "Variables").
 */
const URI = /^(?:[A-Za-z][A-Za-z0-9+.-]*:[^\s]+|\$\{[A-Za-z_][A-Za-z0-9_]*(?::-[^}]*)?\}[^\s]*)$/;

export const text = z.string();
export const date = z.string().refine(isDay, 'must be a date such as 2026-01-31');
export const dateTime = z
  .string()
  .refine(
    (value) => isDay(value.slice(0, 10)) && TIME.test(value.slice(10)),
    'must be a time such as 2026-01-31T08:00:00Z',
  );
export const uri = z.string().regex(URI, 'must be a URL with its scheme, such as https://example.com/page');

function isDay(value: string): boolean {
  if (!DATE.test(value)) return false;
  const day = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(value);
}

/** A number of any size, exact. */
export const exactNumber = z.custom<DocumentNumber>(isNumber, { error: missingOr('must be a number') });

/** The standard's "AnyNonCollectionType". */
export type Scalar = string | boolean | null | DocumentNumber;

export const scalar = z.custom<Scalar>(
  (value) => value === null || typeof value === 'string' || typeof value === 'boolean' || isNumber(value),
  { error: missingOr('must be one plain value, not a list or mapping') },
);

function isNumber(value: unknown): boolean {
  return typeof value === 'number' || value instanceof ExactNumber;
}

function missingOr(message: string) {
  return (issue: { input?: unknown }) => (issue.input === undefined ? 'is missing' : message);
}

/** ODCS 3.1 "StableId": what references use. */
export const stableId = z
  .string()
  .regex(/^[A-Za-z0-9_-]+$/, 'must be an id of letters, digits, `_` and `-` only');

export const tags = z.array(text);

export const authoritativeDefinition = closed({
  id: stableId.optional(),
  type: text,
  url: text,
  description: text.optional(),
});

export const customProperty = closed({
  id: stableId.optional(),
  property: text,
  value: z.unknown().refine((value) => value !== undefined, 'is missing'),
  description: text.optional(),
  vendor: text.optional(),
});

export type CustomProperty = z.infer<typeof customProperty>;

export const authoritativeDefinitions = z.array(authoritativeDefinition);
export const customProperties = z.array(customProperty);

/** Parts that nearly every element of ODCS and ODPS may carry. */
export const annotations = {
  tags: tags.optional(),
  customProperties: customProperties.optional(),
  authoritativeDefinitions: authoritativeDefinitions.optional(),
};

/** ODPS asks for a URI where ODCS takes any text. */
export const productAnnotations = {
  ...annotations,
  authoritativeDefinitions: z.array(closed({ ...authoritativeDefinition.shape, url: uri })).optional(),
};

/** ODCS 3.2 "synonyms": other words for an object or a column. */
export const synonyms = z.array(
  closed({
    id: stableId.optional(),
    synonym: text,
    description: text.optional(),
    locale: text.optional(),
    source: text.optional(),
    status: text.optional(),
    customProperties: customProperties.optional(),
  }),
);

/** ODCS 3.2 and ODPS 1.1 "context": what agents should know. */
export const context = z.union([
  text,
  closed({
    instructions: text.optional(),
    verifiedStatements: z
      .array(closed({ id: text.optional(), question: text, answer: text.optional(), ...annotations }))
      .optional(),
    constraints: z.array(closed({ id: text.optional(), constraint: text, ...annotations })).optional(),
  }),
]);

/** The value of one custom property, or undefined. */
export function customValue(properties: CustomProperty[] | undefined, name: string): unknown {
  return properties?.find(({ property }) => property === name)?.value;
}
