import { canonicalDecimal, compareDecimals, ExactNumber } from './exact-number.ts';
import type { Finding, Rule } from './finding.ts';
import type { Contract } from './odcs.ts';
import type { ItemProperty, SchemaObject, SchemaProperty } from './odcs-schema.ts';
import type { Path } from './parse-document.ts';
import { findQualityFaults, findUnknownArguments } from './quality-rules.ts';
import { findNewerContractParts, FREE_KEYS } from './since-version.ts';
import { suggest } from './suggest.ts';
import { schemaObjects, visitProperties } from './visit-properties.ts';

/** What the text of ODCS asks for and its JSON Schema cannot say. */
export const CONTRACT_RULES: Rule<Contract>[] = [
  findMissingStatus,
  findNewerContractParts,
  findRepeatedIds,
  findRepeatedObjects,
  findRepeatedProperties,
  findKeyFaults,
  findOptionFaults,
  findReferenceFaults,
  findAllQualityFaults,
];

/** ODCS 3.2 made the status optional. */
function findMissingStatus({ apiVersion, status }: Contract): Finding[] {
  if (status !== undefined || apiVersion === 'v3.2.0') return [];
  return [{ path: ['status'], message: '`status` is missing' }];
}

/** ODCS 3.1: an `id` is unique in its list. Serves ODPS as well. */
export function findRepeatedIds(value: unknown, path: Path = []): Finding[] {
  if (value === null || typeof value !== 'object') return [];
  const inside = Array.isArray(value)
    ? [...value.entries()]
    : Object.entries(value).filter(([key]) => !FREE_KEYS.has(key));
  const below = inside.flatMap(([key, item]) => findRepeatedIds(item, [...path, key]));
  if (!Array.isArray(value)) return below;
  const ids = value.map((item: unknown) => (item as { id?: unknown } | null)?.id);
  return [
    ...below,
    ...repeated(ids).map((index) => repeatedAt([...path, index, 'id'], `the id ${String(ids[index])}`)),
  ];
}

function findRepeatedObjects(contract: Contract): Finding[] {
  const names = schemaObjects(contract).map(({ object }) => object.name);
  return repeated(names).map((index) => repeatedAt(['schema', index, 'name'], `the object ${names[index]}`));
}

function findRepeatedProperties(contract: Contract): Finding[] {
  const check = (properties: SchemaProperty[] | undefined, path: Path): Finding[] => {
    // Every engine we serve compares column names without regard to case.
    const names = (properties ?? []).map((property) =>
      (property.physicalName ?? property.name).toLowerCase(),
    );
    return repeated(names).map((index) => {
      const property = properties![index]!;
      const key = property.physicalName === undefined ? 'name' : 'physicalName';
      return repeatedAt([...path, 'properties', index, key], `the column ${property[key]}`);
    });
  };
  return schemaObjects(contract).flatMap(({ object, path }) => {
    const findings = check(object.properties, path);
    visitProperties(object, path, (property, at) => findings.push(...check(property.properties, at)));
    return findings;
  });
}

const KEYS = [
  { flag: 'primaryKey', position: 'primaryKeyPosition' },
  { flag: 'partitioned', position: 'partitionKeyPosition' },
] as const;

/** Positions start from 1, stand only on key columns, and no two are equal (ODCS "Schema"). */
function findKeyFaults(contract: Contract): Finding[] {
  return schemaObjects(contract).flatMap(({ object, path }) =>
    KEYS.flatMap((key) => positionFaults(object.properties ?? [], [...path, 'properties'], key)),
  );
}

function positionFaults(
  properties: SchemaProperty[],
  path: Path,
  { flag, position }: (typeof KEYS)[number],
): Finding[] {
  const findings: Finding[] = [];
  const positions = properties.map((property) => property[position] ?? -1);
  positions.forEach((number, index) => {
    const at = [...path, index, position];
    if (number === -1) return;
    if (number < 1) findings.push({ path: at, message: `\`${position}\` starts from 1` });
    else if (properties[index]![flag] !== true) {
      findings.push({ path: at, message: `\`${position}\` needs \`${flag}: true\` beside it` });
    }
  });
  const placed = positions.map((number) => (number < 1 ? undefined : number));
  for (const index of repeated(placed)) {
    findings.push({
      path: [...path, index, position],
      message: `\`${position}\` ${placed[index]} is taken already`,
    });
  }
  return findings;
}

const RANGES = [
  ['minLength', 'maxLength'],
  ['minItems', 'maxItems'],
  ['minProperties', 'maxProperties'],
  ['minimum', 'maximum'],
] as const;

function findOptionFaults(contract: Contract): Finding[] {
  const findings: Finding[] = [];
  const check = (property: ItemProperty, path: Path) => {
    const options = property.logicalTypeOptions ?? {};
    for (const [low, high] of RANGES) {
      if (!isAbove(options[low], options[high])) continue;
      const message = `\`${low}\` ${String(options[low])} is above \`${high}\` ${String(options[high])}`;
      findings.push({ path: [...path, 'logicalTypeOptions', low], message });
    }
  };
  for (const { object, path } of schemaObjects(contract)) visitProperties(object, path, check);
  return findings;
}

/** Only numbers are compared: dates may be written in the column's own `format`. */
function isAbove(low: unknown, high: unknown): boolean {
  const texts = [low, high].map((value) =>
    typeof value === 'number' || value instanceof ExactNumber ? canonicalDecimal(String(value)) : null,
  );
  return texts[0] != null && texts[1] != null && compareDecimals(texts[0], texts[1]) > 0;
}

/** A shorthand reference into this contract leads to a column (ODCS "References"). */
function findReferenceFaults(contract: Contract): Finding[] {
  const objects = new Map((contract.schema ?? []).map((object) => [object.name, object]));
  const findings: Finding[] = [];
  const check = (reference: string, path: Path) => {
    const [name = '', ...steps] = reference.includes('/') ? [] : reference.split('.');
    const object = objects.get(name);
    const fault = object && steps.length > 0 ? missingStep(object, steps) : null;
    if (fault) findings.push({ path, message: fault, needsWhole: true });
  };
  const checkAll = (references: string | string[], path: Path) => {
    if (typeof references === 'string') check(references, path);
    else references.forEach((reference, index) => check(reference, [...path, index]));
  };
  for (const { object, path } of schemaObjects(contract)) {
    object.relationships?.forEach(({ from, to }, index) => {
      checkAll(from, [...path, 'relationships', index, 'from']);
      checkAll(to, [...path, 'relationships', index, 'to']);
    });
    visitProperties(object, path, (property, at) =>
      property.relationships?.forEach(({ to }, index) => checkAll(to, [...at, 'relationships', index, 'to'])),
    );
  }
  return findings;
}

function missingStep(object: SchemaObject, steps: string[]): string | null {
  let properties = object.properties;
  for (const step of steps) {
    const property = properties?.find(({ name }) => name === step);
    if (!property) {
      const meant = suggest(step, properties?.map(({ name }) => name) ?? []);
      return `${object.name} has no property ${step}${meant ? `: did you mean ${meant}?` : ''}`;
    }
    properties = property.properties ?? property.items?.properties;
  }
  return null;
}

function findAllQualityFaults(contract: Contract): Finding[] {
  return schemaObjects(contract).flatMap(({ object, path }) => {
    const findings = findUnknownArguments(object, path);
    object.quality?.forEach((quality, index) =>
      findings.push(...findQualityFaults(quality, [...path, 'quality', index], 'object')),
    );
    visitProperties(object, path, (property, at) =>
      property.quality?.forEach((quality, index) =>
        findings.push(...findQualityFaults(quality, [...at, 'quality', index], 'property')),
      ),
    );
    return findings;
  });
}

/** Indexes of values that stood earlier in the list; undefined values are no values. */
function repeated(values: unknown[]): number[] {
  const seen = new Set<unknown>();
  return values.flatMap((value, index) => {
    if (value === undefined) return [];
    const again = seen.has(value);
    seen.add(value);
    return again ? [index] : [];
  });
}

function repeatedAt(path: Path, what: string): Finding {
  return { path, message: `${what} stands twice in its list` };
}
