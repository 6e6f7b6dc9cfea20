import { z } from 'zod';
import { annotations, closed, exactNumber, oneOf, stableId, text } from './model-elements.ts';

export const METRICS = [
  'nullValues',
  'missingValues',
  'invalidValues',
  'duplicateValues',
  'rowCount',
] as const;

/** ODCS "Valid Properties for Operator". */
export const OPERATORS = [
  'mustBe',
  'mustNotBe',
  'mustBeGreaterThan',
  'mustBeGreaterOrEqualTo',
  'mustBeLessThan',
  'mustBeLessOrEqualTo',
  'mustBeBetween',
  'mustNotBeBetween',
] as const;

const bounds = z
  .array(exactNumber)
  .length(2, 'must be two numbers, such as [100, 120]')
  .refine(([low, high]) => String(low) !== String(high), 'must be two different numbers');

const anything = z.unknown().optional();

const rule = closed({
  id: stableId.optional(),
  name: text.optional(),
  description: text.optional(),
  type: oneOf(['text', 'library', 'sql', 'custom']).optional(),
  metric: oneOf(METRICS).optional(),
  rule: text.optional(),
  arguments: z.record(z.string(), z.unknown()).optional(),
  query: text.optional(),
  engine: text.optional(),
  implementation: z.union([text, z.record(z.string(), z.unknown())]).optional(),
  mustBe: anything,
  mustNotBe: anything,
  mustBeGreaterThan: exactNumber.optional(),
  mustBeGreaterOrEqualTo: exactNumber.optional(),
  mustBeLessThan: exactNumber.optional(),
  mustBeLessOrEqualTo: exactNumber.optional(),
  mustBeBetween: bounds.optional(),
  mustNotBeBetween: bounds.optional(),
  dimension: oneOf([
    'accuracy',
    'completeness',
    'conformity',
    'consistency',
    'coverage',
    'timeliness',
    'uniqueness',
  ]).optional(),
  unit: text.optional(),
  severity: text.optional(),
  businessImpact: text.optional(),
  method: text.optional(),
  scheduler: text.optional(),
  schedule: text.optional(),
  ...annotations,
});

export type QualityRule = z.infer<typeof rule>;
export type OperatorName = (typeof OPERATORS)[number];

type Variant = 'library' | 'text' | 'sql' | 'custom' | 'none';

interface VariantKeys {
  required: (keyof QualityRule)[];
  allowed: (keyof QualityRule)[];
}

/** What the `if`/`then` of the official schema asks for and admits, per type of rule. */
const VARIANTS: Record<Variant, VariantKeys> = {
  library: { required: ['metric'], allowed: ['metric', 'rule', 'arguments', ...OPERATORS] },
  sql: { required: ['query'], allowed: ['query', ...OPERATORS] },
  custom: { required: ['engine', 'implementation'], allowed: ['engine', 'implementation'] },
  text: { required: [], allowed: [] },
  none: { required: [], allowed: [] },
};

const SPECIAL_KEYS = new Set([...Object.values(VARIANTS).flatMap(({ allowed }) => allowed)]);

/** `library` needs no `type` once a `metric` is given (ODCS "Library"). */
export function qualityType(quality: QualityRule): Variant {
  return quality.type ?? (quality.metric === undefined ? 'none' : 'library');
}

export function operatorsOf(quality: QualityRule): OperatorName[] {
  return OPERATORS.filter((operator) => quality[operator] !== undefined);
}

export const qualityRule = rule.superRefine((quality, issues) => {
  const type = qualityType(quality);
  const add = (path: string[], message: string, at: 'key' | 'value' = 'value') =>
    issues.addIssue({ code: 'custom', path, message, params: { at } });
  const { required, allowed } = VARIANTS[type];
  for (const key of required) {
    if (quality[key] === undefined) add([key], `is missing: a quality rule of type ${type} needs it`);
  }
  for (const key of SPECIAL_KEYS) {
    if (quality[key] === undefined || allowed.includes(key)) continue;
    // A metric makes a rule a library rule as well, whatever its type says.
    if (quality.metric !== undefined && VARIANTS.library.allowed.includes(key)) continue;
    add([key], unexpectedKey(type, key), 'key');
  }
  if (type === 'library' || type === 'sql') checkOperators(quality, add);
});

export const qualityRules = z.array(qualityRule);

function unexpectedKey(type: Variant, key: string): string {
  return type === 'none'
    ? `needs a \`metric\` beside it, or a \`type\` (library, sql, custom, text)`
    : `\`${key}\` does not belong to a quality rule of type ${type}`;
}

function checkOperators(quality: QualityRule, add: (path: string[], message: string) => void): void {
  const [first, ...others] = operatorsOf(quality);
  if (first === undefined) {
    add([], 'a quality rule needs exactly one operator, such as `mustBe: 0`');
    return;
  }
  for (const other of others) {
    add([other], `a quality rule takes exactly one operator and has \`${first}\` already: write two rules`);
  }
}
