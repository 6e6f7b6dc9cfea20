import { type Column, type DataType, typeName } from '../base/data-type.ts';
import type { Finding } from './finding.ts';
import type { ItemProperty, LogicalType, SchemaProperty } from './odcs-schema.ts';
import type { Path } from './parse-document.ts';
import { parsePhysicalType } from './physical-type.ts';

/** Collects findings while types are read, so that one pass reports all. */
export interface TypeReading {
  findings: Finding[];
}

/** The name of the column in the table: `physicalName`, which ODCS makes the real name, else `name`. */
export function columnName(property: SchemaProperty): string {
  return property.physicalName ?? property.name;
}

/** The properties that are stored; a measure of ODCS 3.2 is computed by whoever asks. */
export function storedProperties(
  properties: SchemaProperty[] = [],
): { property: SchemaProperty; index: number }[] {
  return properties
    .map((property, index) => ({ property, index }))
    .filter(({ property }) => property.semanticType !== 'measure');
}

/** The columns (or struct fields) that these properties describe. */
export function columnsOf(properties: SchemaProperty[], path: Path, reading: TypeReading): Column[] {
  return storedProperties(properties).map(({ property, index }) => {
    const type = typeOf(property, [...path, 'properties', index], reading);
    const required = property.required === true || property.primaryKey === true;
    const column: Column = { name: columnName(property), type, required };
    return property.description === undefined ? column : { ...column, doc: property.description };
  });
}

/** What a logical type may be stored as. */
const FAMILIES: Record<LogicalType, DataType['kind'][]> = {
  string: ['string', 'uuid', 'binary'],
  date: ['date'],
  timestamp: ['timestamp', 'timestamptz'],
  time: ['time'],
  number: ['decimal', 'double', 'float', 'long', 'int'],
  integer: ['int', 'long', 'decimal'],
  boolean: ['boolean'],
  object: ['struct', 'map'],
  array: ['list'],
  map: ['map'],
  vector: ['list'],
};

/** The type of a column, a struct field or what a list or map holds; null when the property does not say. */
export function storedType(property: ItemProperty): DataType | null {
  const reading: TypeReading = { findings: [] };
  const type = typeOf(property, [], reading);
  return reading.findings.length === 0 ? type : null;
}

/** Whether values of the logical type may be stored so. */
export function isOfLogicalType(type: DataType, logicalType: LogicalType): boolean {
  return FAMILIES[logicalType].includes(type.kind);
}

function typeOf(property: ItemProperty, path: Path, reading: TypeReading): DataType {
  const nested = nestedType(property, path, reading);
  if (nested) return nested;
  const physical = property.physicalType === undefined ? null : parsePhysicalType(property.physicalType);
  if (property.logicalType === undefined) return physical ?? unknownType(property, path, reading);
  if (physical === null) return logicalDefault(property, path, reading);
  const type = withTimezone(physical, property);
  const wholeNumber = property.logicalType !== 'integer' || type.kind !== 'decimal' || type.scale === 0;
  if (FAMILIES[property.logicalType].includes(type.kind) && wholeNumber) return type;
  reading.findings.push({
    path: [...path, 'physicalType'],
    message: `physicalType ${property.physicalType} is ${typeName(type)}, which does not fit logicalType ${property.logicalType}`,
  });
  return type;
}

function nestedType(property: ItemProperty, path: Path, reading: TypeReading): DataType | null {
  if (property.properties && property.properties.length > 0) {
    return { kind: 'struct', fields: columnsOf(property.properties, path, reading) };
  }
  if (property.items) {
    const element = typeOf(property.items, [...path, 'items'], reading);
    return { kind: 'list', element, elementRequired: property.items.required === true };
  }
  if (!property.map) return null;
  const key = typeOf(property.map.key, [...path, 'map', 'key'], reading);
  const value = typeOf(property.map.value, [...path, 'map', 'value'], reading);
  return { kind: 'map', key, value, valueRequired: property.map.value.required === true };
}

/** `physicalType: timestamp` with `timezone: true` is the form of the standard's own example. */
function withTimezone(type: DataType, { logicalTypeOptions }: ItemProperty): DataType {
  return type.kind === 'timestamp' && logicalTypeOptions?.timezone === true ? { kind: 'timestamptz' } : type;
}

/** Formats of "logicalTypeOptions" that need more than 32 or 64 bits. */
const INTEGER_FORMATS: Record<string, DataType> = {
  i8: { kind: 'int' },
  i16: { kind: 'int' },
  i32: { kind: 'int' },
  u8: { kind: 'int' },
  u16: { kind: 'int' },
  u64: { kind: 'decimal', precision: 20, scale: 0 },
  i128: { kind: 'decimal', precision: 38, scale: 0 },
  u128: { kind: 'decimal', precision: 38, scale: 0 },
};

function logicalDefault(property: ItemProperty, path: Path, reading: TypeReading): DataType {
  const { logicalType, logicalTypeOptions: options } = property;
  switch (logicalType) {
    case 'integer':
      // Without a format the wide form: it holds whatever the narrow one does.
      return INTEGER_FORMATS[String(options?.format)] ?? { kind: 'long' };
    case 'number':
      return { kind: options?.format === 'f32' ? 'float' : 'double' };
    case 'timestamp':
      return { kind: options?.timezone === true ? 'timestamptz' : 'timestamp' };
    case 'vector':
      return { kind: 'list', element: { kind: 'float' }, elementRequired: true };
    case 'string':
    case 'date':
    case 'time':
    case 'boolean':
      return { kind: logicalType };
    default:
      return unknownType(property, path, reading);
  }
}

const MISSING: Partial<Record<LogicalType, string>> = {
  object: 'an object needs its `properties`',
  array: 'an array needs its `items`',
};

function unknownType(property: ItemProperty, path: Path, { findings }: TypeReading): DataType {
  const { logicalType, physicalType } = property;
  const what = logicalType === undefined ? undefined : MISSING[logicalType];
  const unread =
    physicalType === undefined
      ? 'a column needs a `logicalType`'
      : `physicalType ${physicalType} is not known`;
  const at = what === undefined && physicalType !== undefined ? 'physicalType' : 'logicalType';
  const there = property[at] === undefined ? path : [...path, at];
  findings.push({
    path: there,
    message: what ?? `${unread}: give a \`logicalType\` or a type such as decimal(18,2)`,
    // What is missing may have been cut out as wrong elsewhere.
    needsWhole: at === 'logicalType',
  });
  return { kind: 'string' };
}
