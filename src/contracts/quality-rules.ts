import {
  canonicalDecimal,
  compareDecimals,
  decimalText,
  isDocumentNumber,
  ExactNumber,
} from './exact-number.ts';
import type { Finding } from './finding.ts';
import { operatorsOf, type OperatorName, type QualityRule, qualityType } from './odcs-quality.ts';
import type { SchemaObject } from './odcs-schema.ts';
import type { Path } from './parse-document.ts';

export type QualityLevel = 'object' | 'property';

/** ODCS "Metrics": the level at which each metric means something. */
const LEVELS: Record<NonNullable<QualityRule['metric']>, QualityLevel[]> = {
  nullValues: ['property'],
  missingValues: ['property'],
  invalidValues: ['property'],
  duplicateValues: ['property', 'object'],
  rowCount: ['object'],
};

const ARGUMENTS: Record<NonNullable<QualityRule['metric']>, string[]> = {
  nullValues: [],
  missingValues: ['missingValues'],
  invalidValues: ['validValues', 'pattern'],
  duplicateValues: ['properties'],
  rowCount: [],
};

/** What the official schema leaves to the text of the standard: levels, arguments, units, thresholds. */
export function findQualityFaults(quality: QualityRule, path: Path, level: QualityLevel): Finding[] {
  const type = qualityType(quality);
  if (type === 'library') return [...metricFaults(quality, path, level), ...thresholdFaults(quality, path)];
  return type === 'sql' ? [...betweenFaults(quality, path), ...answerFaults(quality, path)] : [];
}

function metricFaults(quality: QualityRule, path: Path, level: QualityLevel): Finding[] {
  const { metric } = quality;
  if (metric === undefined) return [];
  const findings: Finding[] = [];
  if (!LEVELS[metric].includes(level)) {
    const [right, wrong] = level === 'object' ? ['a property', 'the object'] : ['the object', 'a property'];
    const message = `${metric} belongs to ${right}, not to ${wrong}`;
    findings.push({ path: [...path, 'metric'], message });
  }
  for (const name of Object.keys(quality.arguments ?? {})) {
    if (ARGUMENTS[metric].includes(name)) continue;
    const takes = ARGUMENTS[metric].join(' or ') || 'no arguments';
    const message = `${metric} takes ${takes}, not \`${name}\``;
    findings.push({ path: [...path, 'arguments', name], at: 'key', message });
  }
  findings.push(...argumentFaults(quality, path));
  return findings;
}

function argumentFaults({ metric, arguments: given = {} }: QualityRule, path: Path): Finding[] {
  const at = (name: string): Path => [...path, 'arguments', name];
  const lists = ['missingValues', 'validValues', 'properties'].filter((name) => given[name] !== undefined);
  const findings: Finding[] = lists
    .filter((name) => !isScalarList(given[name]))
    .map((name) => ({ path: at(name), message: `\`${name}\` must be a list of at least one plain value` }));
  if (given.pattern !== undefined && typeof given.pattern !== 'string') {
    findings.push({ path: at('pattern'), message: '`pattern` must be text, a regular expression' });
  }
  if (metric === 'invalidValues' && given.validValues !== undefined && given.pattern !== undefined) {
    findings.push({
      path,
      message: 'invalidValues takes `validValues` or `pattern`, not both: write two rules',
    });
  }
  if (metric === 'missingValues' && given.missingValues === undefined) {
    findings.push({
      path,
      message: 'missingValues needs `arguments.missingValues`, the values that mean missing',
    });
  }
  return findings;
}

function isScalarList(value: unknown): boolean {
  const isScalar = (item: unknown) =>
    item === null || typeof item !== 'object' || item instanceof ExactNumber;
  return Array.isArray(value) && value.length > 0 && value.every(isScalar);
}

function thresholdFaults(quality: QualityRule, path: Path): Finding[] {
  const findings = betweenFaults(quality, path);
  const add = (key: string, message: string) => findings.push({ path: [...path, key], message });
  const { unit } = quality;
  if (unit !== undefined && unit !== 'rows' && unit !== 'percent')
    add('unit', `unit ${unit} is none of rows, percent`);
  if (unit === 'percent' && quality.metric === 'rowCount')
    add('unit', 'rowCount counts rows: percent means nothing');
  for (const operator of operatorsOf(quality)) {
    const limits = thresholdValues(quality, operator);
    if (limits === null) {
      add(operator, `\`${operator}\` must be a number: ${quality.metric} counts ${unit ?? 'rows'}`);
    } else if (unit === 'percent' && limits.some((limit) => compareDecimals(limit, '100') > 0)) {
      add(operator, 'a percentage is at most 100');
    } else if (limits.some((limit) => limit.startsWith('-'))) add(operator, 'a count is never negative');
  }
  return findings;
}

function betweenFaults(quality: QualityRule, path: Path): Finding[] {
  return (['mustBeBetween', 'mustNotBeBetween'] as const).flatMap((operator) => {
    const [low, high] = thresholdValues(quality, operator) ?? [];
    if (low === undefined || high === undefined || compareDecimals(low, high) < 0) return [];
    return [{ path: [...path, operator], message: `\`${operator}\` names the lower number first` }];
  });
}

/** A query gives one value, so it is compared with one value. */
function answerFaults(quality: QualityRule, path: Path): Finding[] {
  return (['mustBe', 'mustNotBe'] as const)
    .filter((operator) => quality[operator] !== undefined && !isScalarList([quality[operator]]))
    .map((operator) => ({ path: [...path, operator], message: `\`${operator}\` must be one plain value` }));
}

/** The operator's numbers as decimal texts; null when one is not a number. */
export function thresholdValues(quality: QualityRule, operator: OperatorName): string[] | null {
  const value = quality[operator];
  if (value === undefined) return [];
  const values = Array.isArray(value) ? (value as unknown[]) : [value];
  if (!values.every(isDocumentNumber)) return null;
  const texts = values.map(decimalText);
  return texts.every((item) => canonicalDecimal(item) !== null) ? texts : null;
}

/** Columns that `duplicateValues` of an object names and the object does not have. */
export function findUnknownArguments(object: SchemaObject, path: Path): Finding[] {
  const names = new Set((object.properties ?? []).map(({ name }) => name));
  return (object.quality ?? []).flatMap((quality, index) => {
    const listed = quality.arguments?.properties;
    if (!Array.isArray(listed)) return [];
    return listed.flatMap((name: unknown, item) =>
      names.has(String(name))
        ? []
        : [
            {
              path: [...path, 'quality', index, 'arguments', 'properties', item],
              message: `${object.name} has no property ${String(name)}`,
              needsWhole: true,
            },
          ],
    );
  });
}
