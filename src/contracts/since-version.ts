import type { Finding } from './finding.ts';
import { NEW_SERVER_TYPES } from './odcs-servers.ts';
import type { Contract } from './odcs.ts';
import type { Path } from './parse-document.ts';

/** Keys that ODCS 3.2.0 brought, by the key that holds them (the root holds under the empty name). */
const NEW_KEYS: Record<string, string[]> = {
  '': ['context'],
  schema: ['context', 'synonyms', 'deprecated'],
  properties: ['enum', 'map', 'synonyms', 'semanticType', 'deprecated'],
  items: ['enum', 'map', 'synonyms', 'semanticType', 'deprecated'],
  relationships: ['id'],
  slaProperties: ['customProperties', 'authoritativeDefinitions'],
  customProperties: ['vendor'],
};
const NEW_LOGICAL_TYPES = ['map', 'vector'];

/** Keys below which values are free and mean nothing to the standard. */
const FREE = new Set(['value', 'valueExt', 'arguments', 'implementation', 'examples', 'logicalTypeOptions']);

/** What a contract uses of a later version of the standard than the one it names. */
export function findNewerParts(contract: Contract): Finding[] {
  if (contract.apiVersion === 'v3.2.0') return [];
  const findings: Finding[] = [];
  walk(contract, [], (holder, path) => {
    const list = path.findLast((key) => typeof key === 'string') ?? '';
    for (const key of NEW_KEYS[list] ?? []) {
      if (holder[key] === undefined) continue;
      findings.push({ path: [...path, key], at: 'key', message: newer(`\`${key}\``, contract) });
    }
    const isNewType = NEW_LOGICAL_TYPES.includes(String(holder.logicalType));
    if (isNewType) findings.push(newWord([...path, 'logicalType'], String(holder.logicalType), contract));
    const isNewServer = list === 'servers' && (NEW_SERVER_TYPES as readonly unknown[]).includes(holder.type);
    if (list === 'servers' && typeof holder.port === 'string') {
      findings.push({ path: [...path, 'port'], message: newer('a `port` in quotes', contract) });
    }
    if (isNewServer) findings.push(newWord([...path, 'type'], String(holder.type), contract));
  });
  return findings;
}

function newWord(path: Path, word: string, contract: Contract): Finding {
  return { path, message: newer(`${String(path.at(-1))} ${word}`, contract) };
}

function newer(what: string, { apiVersion }: Contract): string {
  return `${what} came with ODCS v3.2.0 and this contract is ${apiVersion}: raise apiVersion or leave it out`;
}

function walk(
  value: unknown,
  path: Path,
  visit: (holder: Record<string, unknown>, path: Path) => void,
): void {
  if (Array.isArray(value)) value.forEach((item, index) => walk(item, [...path, index], visit));
  else if (value !== null && typeof value === 'object') {
    visit(value as Record<string, unknown>, path);
    for (const [key, item] of Object.entries(value)) if (!FREE.has(key)) walk(item, [...path, key], visit);
  }
}
