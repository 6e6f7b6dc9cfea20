import type { Finding } from './finding.ts';
import { NEW_SERVER_TYPES } from './odcs-servers.ts';
import type { Contract } from './odcs.ts';
import type { Product } from './odps.ts';
import type { Path } from './parse-document.ts';

/** Keys that ODCS 3.2.0 brought, by the key that holds them (the root is the empty name). */
const NEW_IN_ODCS = new Map(
  Object.entries({
    '': ['context'],
    schema: ['context', 'synonyms', 'deprecated'],
    properties: ['enum', 'map', 'synonyms', 'semanticType', 'deprecated'],
    items: ['enum', 'map', 'synonyms', 'semanticType', 'deprecated'],
    relationships: ['id'],
    slaProperties: ['customProperties', 'authoritativeDefinitions'],
    customProperties: ['vendor'],
  }),
);

/** The same for ODPS 1.1.0, which gave most elements an id. */
const NEW_IN_ODPS = new Map(
  Object.entries({
    '': ['type', 'context', 'synonyms', 'deprecated'],
    inputPorts: ['id', 'deprecated'],
    outputPorts: ['id', 'deprecated'],
    managementPorts: ['id', 'deprecated'],
    sbom: ['id', 'description'],
    support: ['id'],
    team: ['id'],
    members: ['id'],
    customProperties: ['id', 'vendor'],
    authoritativeDefinitions: ['id'],
  }),
);

/** Keys below which values are free and mean nothing to the standards. */
export const FREE_KEYS: ReadonlySet<string> = new Set([
  'value',
  'valueExt',
  'arguments',
  'implementation',
  'examples',
  'logicalTypeOptions',
]);

type Holder = Record<string, unknown>;

/** What a contract uses of ODCS 3.2.0 while it names an earlier version. */
export function findNewerContractParts(contract: Contract): Finding[] {
  if (contract.apiVersion === 'v3.2.0') return [];
  const hint = `came with ODCS v3.2.0 and this contract is ${contract.apiVersion}: raise apiVersion or leave it out`;
  return walk(contract, [], (holder, path) => [
    ...newKeys(holder, path, NEW_IN_ODCS).map((finding) => ({
      ...finding,
      message: `${finding.message} ${hint}`,
    })),
    ...newWords(holder, path).map((finding) => ({ ...finding, message: `${finding.message} ${hint}` })),
  ]);
}

/** What a product uses of ODPS 1.1.0 while it names an earlier version. */
export function findNewerProductParts(product: Product): Finding[] {
  if (product.apiVersion === 'v1.1.0') return [];
  const hint = `came with ODPS v1.1.0 and this product is ${product.apiVersion}: raise apiVersion or leave it out`;
  return walk(product, [], (holder, path) =>
    newKeys(holder, path, NEW_IN_ODPS).map((finding) => ({
      ...finding,
      message: `${finding.message} ${hint}`,
    })),
  );
}

function newKeys(holder: Holder, path: Path, table: ReadonlyMap<string, string[]>): Finding[] {
  return (table.get(listName(path)) ?? [])
    .filter((key) => holder[key] !== undefined)
    .map((key) => ({ path: [...path, key], at: 'key', message: `\`${key}\`` }));
}

/** Of a server: in earlier versions they begin with a scheme, not with a variable. */
const URLS = ['location', 'endpointUrl'];

/** Values of old keys that only the new version knows. */
function newWords(holder: Holder, path: Path): Finding[] {
  const isServer = listName(path) === 'servers';
  const words: [string, boolean][] = [
    ['logicalType', ['map', 'vector'].includes(String(holder.logicalType))],
    ['type', isServer && (NEW_SERVER_TYPES as readonly unknown[]).includes(holder.type)],
    ['port', isServer && typeof holder.port === 'string'],
    ...URLS.map((key): [string, boolean] => [key, isServer && String(holder[key]).startsWith('${')]),
  ];
  return words
    .filter(([, isNew]) => isNew)
    .map(([key]) => ({ path: [...path, key], message: `\`${key}: ${JSON.stringify(holder[key])}\`` }));
}

function listName(path: Path): string {
  return String(path.findLast((key) => typeof key === 'string') ?? '');
}

function walk(value: unknown, path: Path, visit: (holder: Holder, path: Path) => Finding[]): Finding[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => walk(item, [...path, index], visit));
  if (value === null || typeof value !== 'object') return [];
  const below = Object.entries(value).filter(([key]) => !FREE_KEYS.has(key));
  return [
    ...visit(value as Holder, path),
    ...below.flatMap(([key, item]) => walk(item, [...path, key], visit)),
  ];
}
