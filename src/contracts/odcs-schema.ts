import { z } from 'zod';
import { describeIssue } from './describe-issue.ts';
import {
  annotations,
  closed,
  context,
  customProperties,
  exactNumber,
  oneOf,
  scalar,
  stableId,
  synonyms,
  text,
} from './model-elements.ts';
import { qualityRules } from './odcs-quality.ts';

export const LOGICAL_TYPES = [
  'string',
  'date',
  'timestamp',
  'time',
  'number',
  'integer',
  'object',
  'array',
  'boolean',
  'map',
  'vector',
] as const;

export type LogicalType = (typeof LOGICAL_TYPES)[number];

/** ODCS "References": `table.column` by names, or `schema/<id>/properties/<id>` by ids, perhaps in a file. */
const SHORTHAND = /^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)+$/;
const FULLY_QUALIFIED =
  /^(?:(?:https?:\/\/)?[A-Za-z0-9._\-/]+\.yaml#)?\/?[A-Za-z_][A-Za-z0-9_]*\/[A-Za-z0-9_-]+(?:\/[A-Za-z_][A-Za-z0-9_]*\/[A-Za-z0-9_-]+)*$/;

const reference = text.refine(
  (value) => SHORTHAND.test(value) || FULLY_QUALIFIED.test(value),
  'must be `table.column` or `schema/<id>/properties/<id>`',
);
const references = z.union([reference, z.array(reference).min(1, 'must name at least one column')]);

const relationshipParts = {
  id: stableId.optional(),
  type: oneOf(['foreignKey']).optional(),
  customProperties: customProperties.optional(),
};

const propertyRelationship = closed({ ...relationshipParts, to: references });

const objectRelationship = closed({ ...relationshipParts, from: references, to: references }).superRefine(
  ({ from, to }, issues) => {
    if (countOf(from) === countOf(to)) return;
    const message = '`from` and `to` must both be one reference, or lists of the same length';
    issues.addIssue({ code: 'custom', path: ['to'], message });
  },
);

export type ObjectRelationship = z.infer<typeof objectRelationship>;

/** 0 for a single reference: one reference and a list of one are different forms in the standard. */
function countOf(reference: string | string[]): number {
  return typeof reference === 'string' ? 0 : reference.length;
}

const length = z.number().int('must be a whole number').min(0, 'must not be negative');
const numericBounds = {
  multipleOf: exactNumber.refine((value) => Number(String(value)) > 0, 'must be above 0').optional(),
  minimum: exactNumber.optional(),
  maximum: exactNumber.optional(),
  exclusiveMinimum: exactNumber.optional(),
  exclusiveMaximum: exactNumber.optional(),
};
const temporalBounds = {
  format: text.optional(),
  minimum: text.optional(),
  maximum: text.optional(),
  exclusiveMinimum: text.optional(),
  exclusiveMaximum: text.optional(),
};
const zonedBounds = closed({
  ...temporalBounds,
  timezone: z.boolean().optional(),
  defaultTimezone: text.optional(),
});

/** `logicalTypeOptions` is closed per logical type; `boolean` and `map` leave it open (ODCS 3.1 schema). */
export const OPTIONS: Partial<Record<LogicalType, z.ZodType>> = {
  string: closed({
    minLength: length.optional(),
    maxLength: length.optional(),
    pattern: text.optional(),
    format: text.optional(),
  }),
  date: closed(temporalBounds),
  timestamp: zonedBounds,
  time: zonedBounds,
  integer: closed({
    ...numericBounds,
    format: oneOf(['i8', 'i16', 'i32', 'i64', 'i128', 'u8', 'u16', 'u32', 'u64', 'u128']).optional(),
  }),
  number: closed({ ...numericBounds, format: oneOf(['f32', 'f64']).optional() }),
  object: closed({
    minProperties: length.optional(),
    maxProperties: length.optional(),
    required: z.array(text).min(1, 'must name at least one property').optional(),
  }),
  array: closed({
    minItems: length.optional(),
    maxItems: length.optional(),
    uniqueItems: z.boolean().optional(),
  }),
  vector: closed({ dimensions: length, elementType: text.optional(), distanceMetric: text.optional() }),
};

const elementShape = {
  id: stableId.optional(),
  physicalType: text.optional(),
  physicalName: text.optional(),
  description: text.optional(),
  businessName: text.optional(),
  synonyms: synonyms.optional(),
  deprecated: z.boolean().optional(),
  quality: qualityRules.optional(),
  ...annotations,
};

const enumValue = closed({
  id: stableId.optional(),
  value: scalar,
  label: text.optional(),
  description: text.optional(),
  ...annotations,
});

const itemShape = {
  ...elementShape,
  name: text.optional(),
  logicalType: oneOf(LOGICAL_TYPES).optional(),
  logicalTypeOptions: z.record(z.string(), z.unknown()).optional(),
  primaryKey: z.boolean().optional(),
  primaryKeyPosition: z.number().int('must be a whole number').optional(),
  required: z.boolean().optional(),
  unique: z.boolean().optional(),
  partitioned: z.boolean().optional(),
  partitionKeyPosition: z.number().int('must be a whole number').optional(),
  classification: text.optional(),
  encryptedName: text.optional(),
  transformSourceObjects: z.array(text).optional(),
  transformLogic: text.optional(),
  transformDescription: text.optional(),
  examples: z.array(z.unknown()).optional(),
  criticalDataElement: z.boolean().optional(),
  semanticType: oneOf(['column', 'measure', 'dimension']).optional(),
  enum: z.array(enumValue).min(1, 'must list at least one value').optional(),
  relationships: z.array(propertyRelationship).optional(),
};

/** One value of a list or map, or, with a name, a column or struct field. */
export type ItemProperty = z.infer<z.ZodObject<typeof itemShape>> & {
  properties?: SchemaProperty[];
  items?: ItemProperty;
  map?: { key: ItemProperty; value: ItemProperty };
};
export type SchemaProperty = ItemProperty & { name: string };

const nested = {
  properties: z.lazy(() => z.array(schemaProperty)).optional(),
  items: z.lazy(() => itemProperty).optional(),
  map: z.lazy(() => closed({ key: itemProperty, value: itemProperty })).optional(),
};

type Issues = z.core.$RefinementCtx;

const itemProperty: z.ZodType<ItemProperty> = z.lazy(() =>
  closed({ ...itemShape, ...nested }).superRefine(checkProperty),
);

const schemaProperty: z.ZodType<SchemaProperty> = z.lazy(() =>
  closed({ ...itemShape, ...nested, name: text }).superRefine(checkProperty),
);

export const schemaObject = closed({
  ...elementShape,
  name: text,
  logicalType: oneOf(['object']).optional(),
  dataGranularityDescription: text.optional(),
  context: context.optional(),
  properties: z.array(schemaProperty).optional(),
  relationships: z.array(objectRelationship).optional(),
});

export type SchemaObject = z.infer<typeof schemaObject>;

/** The `if`/`then` pairs of "SchemaBaseProperty"; without a logical type every nested form is open. */
function checkProperty(property: ItemProperty, issues: Issues): void {
  const { logicalType } = property;
  if (logicalType !== undefined) {
    checkBelongs(property, 'items', issues);
    checkBelongs(property, 'properties', issues);
    checkBelongs(property, 'map', issues);
  }
  if (logicalType === 'map' && property.map === undefined) {
    issues.addIssue({
      code: 'custom',
      path: ['map'],
      message: 'is missing: a map needs its `key` and `value`',
    });
  }
  checkEnum(property, issues);
  checkOptions(property, issues);
}

const OWNERS = { items: 'array', properties: 'object', map: 'map' } as const;

function checkBelongs(property: ItemProperty, key: keyof typeof OWNERS, issues: Issues): void {
  if (property[key] === undefined || property.logicalType === OWNERS[key]) return;
  const message = `\`${key}\` belongs to logicalType ${OWNERS[key]}, and this is ${property.logicalType}`;
  issues.addIssue({ code: 'custom', path: [key], message, params: { at: 'key' } });
}

function checkEnum(property: ItemProperty, issues: Issues): void {
  const seen = new Set<string>();
  for (const [index, { value }] of (property.enum ?? []).entries()) {
    const key = `${typeof value} ${String(value)}`;
    if (seen.has(key)) {
      const message = `the value ${String(value)} is listed twice`;
      issues.addIssue({ code: 'custom', path: ['enum', index, 'value'], message });
    }
    seen.add(key);
  }
}

function checkOptions(property: ItemProperty, issues: Issues): void {
  const { logicalType, logicalTypeOptions } = property;
  if (logicalTypeOptions === undefined) return;
  if (logicalType === undefined) {
    const message = '`logicalTypeOptions` needs a `logicalType` that they belong to';
    if (Object.keys(logicalTypeOptions).length > 0) {
      issues.addIssue({ code: 'custom', path: ['logicalTypeOptions'], message });
    }
    return;
  }
  const verdict = OPTIONS[logicalType]?.safeParse(logicalTypeOptions, { error: describeIssue });
  for (const issue of verdict?.error?.issues ?? []) {
    const path = ['logicalTypeOptions', ...(issue.path as (string | number)[])];
    const { message } = issue;
    if (issue.code === 'unrecognized_keys') {
      issues.addIssue({
        code: 'unrecognized_keys',
        keys: issue.keys,
        path,
        message,
        input: logicalTypeOptions,
      });
    } else issues.addIssue({ code: 'custom', path, message });
  }
}
