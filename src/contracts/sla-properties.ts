import type { Column } from '../base/data-type.ts';
import { columnName, storedProperties } from './column-type.ts';
import { readTable } from './contract-table.ts';
import { type Duration, parseDuration } from './duration.ts';
import { canonicalDecimal, compareDecimals, decimalText, type DocumentNumber } from './exact-number.ts';
import type { Contract } from './odcs.ts';
import { jsonPointer } from './parse-document.ts';

/** What a service level's value is, once read. */
export type ServiceLevelValue =
  | { kind: 'duration'; duration: Duration }
  /** Of a hundred, as exact text. */
  | { kind: 'percent'; percent: string }
  | { kind: 'moment'; at: Date };

/** Service levels that Crossdock understands; ODCS leaves the list open. */
export type ServiceLevelProperty = keyof typeof READ_AS;

/**
 * The kind of value by property (ODCS "Valid Values for SLA Properties"). `freshness`, `completeness` and
 * `timeOfAvailability` are not in that list; contracts use the first two all the same.
 */
const READ_AS = {
  frequency: 'duration',
  latency: 'duration',
  freshness: 'duration',
  retention: 'duration',
  timeToDetect: 'duration',
  timeToNotify: 'duration',
  timeToRepair: 'duration',
  availability: 'percent',
  errorRate: 'percent',
  completeness: 'percent',
  generalAvailability: 'moment',
  endOfSupport: 'moment',
  endOfLife: 'moment',
} as const satisfies Record<string, ServiceLevelValue['kind']>;

/** ODCS's synonyms; names and synonyms are case-insensitive. */
const SYNONYMS: Record<string, ServiceLevelProperty> = {
  fy: 'frequency',
  ly: 'latency',
  re: 'retention',
  td: 'timeToDetect',
  tn: 'timeToNotify',
  tr: 'timeToRepair',
  av: 'availability',
  er: 'errorRate',
  ga: 'generalAvailability',
  es: 'endOfSupport',
  el: 'endOfLife',
};

/** One entry of `slaProperties`, read. */
export interface ServiceLevel {
  /** Unique within the contract: its `id`, or made from its property and place. */
  id: string;
  /** JSON pointer of the entry. */
  pointer: string;
  /** The property as the contract writes it. */
  name: string;
  /** Null for a word of the contract's own. */
  property: ServiceLevelProperty | null;
  value: ServiceLevelValue | null;
  /** Top-level columns of the table that `element` names; empty where it names none. */
  columns: Column[];
  /** Why the entry cannot be measured as it is written; null when it can be read, or its property is not known. */
  fault: string | null;
}

/** Every service level of a dataset's contract, in its order. Never throws for one that says nothing measurable. */
export function describeServiceLevels(contract: Contract): ServiceLevel[] {
  const entries = contract.slaProperties ?? [];
  return entries.map((entry, index) => {
    const property = knownProperty(entry.property);
    const base = {
      id: entry.id ?? `${entry.property}.${index}`,
      pointer: jsonPointer(['slaProperties', index]),
      name: entry.property,
      property,
    };
    if (property === null) return { ...base, value: null, columns: [], fault: null };
    const value = readValue(READ_AS[property], entry);
    const elements = readElements(contract, entry.element);
    const extended = extensionFault(property, entry.valueExt);
    const fault = 'fault' in value ? value.fault : 'fault' in elements ? elements.fault : (extended ?? null);
    return {
      ...base,
      value: 'fault' in value ? null : value,
      columns: 'fault' in elements ? [] : elements.columns,
      fault,
    };
  });
}

/** What one entry promises, without its column: to compare it with another. Null where it cannot be measured. */
export function measurableLevel(
  entry: Entry,
): { property: ServiceLevelProperty; value: ServiceLevelValue } | null {
  const property = knownProperty(entry.property);
  if (property === null || extensionFault(property, entry.valueExt) !== null) return null;
  const value = readValue(READ_AS[property], entry);
  return 'fault' in value ? null : { property, value };
}

function knownProperty(name: string): ServiceLevelProperty | null {
  const word = name.trim().toLowerCase();
  const known = (Object.keys(READ_AS) as ServiceLevelProperty[]).find((key) => key.toLowerCase() === word);
  return known ?? SYNONYMS[word] ?? null;
}

type Entry = NonNullable<Contract['slaProperties']>[number];

function readValue(
  kind: ServiceLevelValue['kind'],
  { value, unit }: Entry,
): ServiceLevelValue | { fault: string } {
  if (value === null || typeof value === 'boolean') return { fault: 'it has no value that can be measured' };
  const text = typeof value === 'string' ? value.trim() : decimalText(value as DocumentNumber);
  if (kind === 'moment') return readMoment(text);
  if (kind === 'percent') return readPercent(text, unit);
  const duration = parseDuration(text, unit);
  return 'fault' in duration ? duration : { kind, duration };
}

function readPercent(text: string, unit: string | undefined): ServiceLevelValue | { fault: string } {
  const isPercent = text.endsWith('%') || ['%', 'percent'].includes((unit ?? '%').trim().toLowerCase());
  const percent = canonicalDecimal(text.replace(/\s*%$/, ''));
  if (percent === null || !isPercent) return { fault: `\`${text.slice(0, 40)}\` is no percentage` };
  if (compareDecimals(percent, '0') < 0 || compareDecimals(percent, '100') > 0) {
    return { fault: 'a percentage is between 0 and 100' };
  }
  return { kind: 'percent', percent };
}

/** A day or a time with its offset; a day begins at midnight UTC. */
const MOMENT = /^\d{4}-\d{2}-\d{2}(?:[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:[Zz]|[-+]\d{2}:\d{2}))?$/;

function readMoment(text: string): ServiceLevelValue | { fault: string } {
  const at = new Date(text.replace(' ', 'T'));
  if (!MOMENT.test(text) || Number.isNaN(at.getTime())) {
    return { fault: `\`${text.slice(0, 40)}\` is no date such as 2027-01-31` };
  }
  return { kind: 'moment', at };
}

/** ODCS calls it "Extended agreement value" and gives no meaning; 1 stands in its example of a daily frequency. */
function extensionFault(property: ServiceLevelProperty, extended: unknown): string | null {
  if (extended === undefined || READ_AS[property] !== 'duration' || String(extended) === '1') return null;
  return '`valueExt` has no agreed meaning for it';
}

/**
 * ODCS "Object.Element", several with commas; with one object in the contract its name may be left out. An
 * element that is the object itself names no column.
 */
function readElements(
  contract: Contract,
  element: string | undefined,
): { columns: Column[] } | { fault: string } {
  const asked = element ?? contract.slaDefaultElement;
  if (asked === undefined) return { columns: [] };
  const columns: Column[] = [];
  for (const name of asked.split(',').map((part) => part.trim())) {
    const found = elementColumn(contract, name);
    if (found === undefined)
      return { fault: `element \`${name.slice(0, 80)}\` is no column of the contract` };
    if (found !== 'object') columns.push(found);
  }
  return { columns };
}

function elementColumn(contract: Contract, name: string): Column | 'object' | undefined {
  const [object, ...others] = contract.schema ?? [];
  if (object === undefined || others.length > 0) return undefined;
  const own = [object.name, object.physicalName].filter((known) => known !== undefined);
  if (own.includes(name)) return 'object';
  const prefix = own.find((known) => name.startsWith(`${known}.`));
  const wanted = prefix === undefined ? name : name.slice(prefix.length + 1);
  const property = storedProperties(object.properties).find(
    ({ property }) => property.name === wanted || columnName(property) === wanted,
  )?.property;
  if (property === undefined) return undefined;
  return readTable(contract).table?.columns.find((column) => column.name === columnName(property));
}
