import { LIMITS } from '../base/limits.ts';
import { readTable } from './contract-table.ts';
import { findSubjectFaults } from './data-subjects.ts';
import type { Finding, Rule } from './finding.ts';
import type { Contract } from './odcs.ts';
import type { ItemProperty } from './odcs-schema.ts';
import type { Path } from './parse-document.ts';
import { parseVersion } from './version.ts';
import { schemaObjects, visitProperties } from './visit-properties.ts';

/** What a contract must give beyond the standard for a table to be made, checked and served by it. */
export const DATASET_RULES: Rule<Contract>[] = [
  findVersionFaults,
  (contract) => readTable(contract).findings,
  findColumnFaults,
  findNestedKeys,
  findSubjectFaults,
  findPatternFaults,
  findBareInvalidValues,
  findBoundFaults,
];

function findVersionFaults({ version }: Contract): Finding[] {
  return parseVersion(version) ? [] : [{ path: ['version'], message: versionMessage(version) }];
}

export function versionMessage(version: string): string {
  return `version ${version} is not a semantic version such as 1.0.0`;
}

function findColumnFaults(contract: Contract): Finding[] {
  return schemaObjects(contract).flatMap(({ object, path }): Finding[] => {
    const count = object.properties?.length ?? 0;
    if (count === 0) {
      return [
        { path, message: `${object.name} has no properties: a dataset needs columns`, needsWhole: true },
      ];
    }
    if (count <= LIMITS.columns) return [];
    return [
      {
        path: [...path, 'properties'],
        message: `${object.name} has ${count} columns, the limit is ${LIMITS.columns}`,
      },
    ];
  });
}

/** Keys and partitions are of top-level columns (Iceberg: "identifier-field-ids", partition source columns). */
function findNestedKeys(contract: Contract): Finding[] {
  const findings: Finding[] = [];
  for (const { object, path } of schemaObjects(contract)) {
    visitProperties(object, path, (property, at) => {
      const nested = at.length > path.length + 2;
      const structured = property.properties ?? property.items ?? property.map;
      for (const key of ['primaryKey', 'partitioned', 'unique'] as const) {
        if (property[key] !== true || !(nested || structured)) continue;
        const message = `\`${key}\` is for columns of the table with plain values, not for nested ones`;
        findings.push({ path: [...at, key], at: 'key', message });
      }
    });
  }
  return findings;
}

/** Checks run patterns as RE2, which has neither look-around nor references back. */
const NOT_RE2 = /\(\?(=|!|<=|<!)|\\[1-9]/;

function findPatternFaults(contract: Contract): Finding[] {
  const findings: Finding[] = [];
  const check = (property: ItemProperty, at: Path) => {
    findings.push(
      ...patternFault(property.logicalTypeOptions?.pattern, [...at, 'logicalTypeOptions', 'pattern']),
    );
    property.quality?.forEach((quality, index) => {
      const path = [...at, 'quality', index, 'arguments', 'pattern'];
      findings.push(...patternFault(quality.arguments?.pattern, path));
    });
  };
  for (const { object, path } of schemaObjects(contract)) visitProperties(object, path, check);
  return findings;
}

function patternFault(pattern: unknown, path: Path): Finding[] {
  if (typeof pattern !== 'string') return [];
  if (NOT_RE2.test(pattern)) {
    return [{ path, message: 'the pattern uses look-around or a back-reference, which checks cannot run' }];
  }
  try {
    // RE2 takes leading flags such as (?i), which JavaScript does not.
    new RegExp(pattern.replace(/^\(\?[imsU]+\)/, ''));
    return [];
  } catch (error) {
    return [{ path, message: `the pattern is not a regular expression: ${(error as Error).message}` }];
  }
}

/** ODCS "Invalid Values": without a list or a pattern nothing says what is valid. */
function findBareInvalidValues(contract: Contract): Finding[] {
  const findings: Finding[] = [];
  const check = (property: ItemProperty, at: Path) => {
    property.quality?.forEach(({ metric, arguments: given = {} }, index) => {
      const hasCriteria = Object.keys(given).length > 0 || property.enum !== undefined;
      if (metric !== 'invalidValues' || hasCriteria) return;
      const message = 'invalidValues needs `arguments.validValues` or `arguments.pattern`';
      findings.push({ path: [...at, 'quality', index], message });
    });
  };
  for (const { object, path } of schemaObjects(contract)) visitProperties(object, path, check);
  return findings;
}

const DATE = String.raw`\d{4}-\d{2}-\d{2}`;
const TIME = String.raw`\d{2}:\d{2}(:\d{2}(\.\d+)?)?`;
const ISO_FORMS: Record<string, RegExp> = {
  date: new RegExp(`^${DATE}$`),
  time: new RegExp(`^${TIME}$`),
  timestamp: new RegExp(`^${DATE}([T ]${TIME}(Z|[-+]\\d{2}(:?\\d{2})?)?)?$`),
};
const BOUNDS = ['minimum', 'exclusiveMinimum', 'maximum', 'exclusiveMaximum'];

/** Checks compare bounds with the column's values, not with their text in some `format`. */
function findBoundFaults(contract: Contract): Finding[] {
  const findings: Finding[] = [];
  const check = ({ logicalType, logicalTypeOptions: options = {} }: ItemProperty, at: Path) => {
    const form = ISO_FORMS[logicalType ?? ''];
    for (const key of form ? BOUNDS : []) {
      const bound = options[key];
      if (typeof bound !== 'string' || form!.test(bound)) continue;
      const message = `\`${key}\` ${bound} must be in the ISO form, such as 2026-01-31 or 2026-01-31 08:00:00`;
      findings.push({ path: [...at, 'logicalTypeOptions', key], message });
    }
  };
  for (const { object, path } of schemaObjects(contract)) visitProperties(object, path, check);
  return findings;
}
