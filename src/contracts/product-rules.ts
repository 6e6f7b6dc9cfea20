import { findRepeatedIds } from './contract-rules.ts';
import { versionMessage } from './dataset-rules.ts';
import type { Finding, Rule } from './finding.ts';
import type { Product } from './odps.ts';
import type { Path } from './parse-document.ts';
import { findNewerProductParts } from './since-version.ts';
import { parseVersion } from './version.ts';

/** What ODPS asks for beyond its JSON Schema, and what its older versions require. */
export const PRODUCT_RULES: Rule<Product>[] = [
  findMissingParts,
  findNewerProductParts,
  findRepeatedPorts,
  findPortIds,
];

/** What the mesh needs to publish a product. */
export const MESH_PRODUCT_RULES: Rule<Product>[] = [findNameFaults, findVersionFaults, findDatasetFaults];

/** 1.1.0 made these optional. */
function findMissingParts(product: Product): Finding[] {
  if (product.apiVersion === 'v1.1.0') return [];
  const missing = (holder: object, path: Path, keys: string[]): Finding[] =>
    keys
      .filter((key) => (holder as Record<string, unknown>)[key] === undefined)
      .map((key) => ({ path: [...path, key], message: `\`${key}\` is missing` }));
  return [
    ...missing(product, [], ['status']),
    ...(product.inputPorts ?? []).flatMap((port, index) =>
      missing(port, ['inputPorts', index], ['version', 'contractId']),
    ),
    ...(product.outputPorts ?? []).flatMap((port, index) =>
      missing(port, ['outputPorts', index], ['version']),
    ),
  ];
}

const PORTS = ['inputPorts', 'outputPorts', 'managementPorts'] as const;

/** "The combination of the name and version is the key." */
function findRepeatedPorts(product: Product): Finding[] {
  return PORTS.flatMap((key) => {
    const seen = new Set<string>();
    return (product[key] ?? []).flatMap((port, index): Finding[] => {
      const version = 'version' in port ? (port.version ?? '') : '';
      const identity = `${port.name} ${version}`.trim();
      if (!seen.has(identity)) {
        seen.add(identity);
        return [];
      }
      return [{ path: [key, index, 'name'], message: `the port ${identity} stands twice in \`${key}\`` }];
    });
  });
}

/** Input contracts are named by the id of a contract, which several versions of it share. */
function findPortIds(product: Product): Finding[] {
  return findRepeatedIds(product).filter(({ path }) => !path.includes('inputContracts'));
}

/** Names of domains, products and datasets: safe in paths, URLs and SQL. */
export const MESH_NAME = /^[a-z][a-z0-9_-]{0,62}$/;

function nameFault(what: string, name: string, path: Path): Finding[] {
  if (MESH_NAME.test(name)) return [];
  const message = `${what} ${name} must start with a-z and have at most 63 of a-z, 0-9, _ and -`;
  return [{ path, message }];
}

function findNameFaults(product: Product): Finding[] {
  return [
    ...(product.name === undefined
      ? [{ path: ['name'], message: '`name` is missing: a product is known by it' }]
      : nameFault('the product name', product.name, ['name'])),
    ...(product.outputPorts ?? []).flatMap(({ name }, index) =>
      nameFault('the output port', name, ['outputPorts', index, 'name']),
    ),
  ];
}

function findVersionFaults({ version }: Product): Finding[] {
  if (version === undefined) return [{ path: ['version'], message: '`version` is missing' }];
  return parseVersion(version) ? [] : [{ path: ['version'], message: versionMessage(version) }];
}

/** One output port is one dataset, promised by one contract. */
function findDatasetFaults({ outputPorts = [] }: Product): Finding[] {
  if (outputPorts.length === 0) {
    return [{ path: ['outputPorts'], message: 'a product needs at least one output port', needsWhole: true }];
  }
  const seen = new Set<string>();
  return outputPorts.flatMap(({ name, contractId }, index): Finding[] => {
    const again = seen.has(name);
    seen.add(name);
    const path = ['outputPorts', index];
    return [
      ...(again
        ? [{ path: [...path, 'name'], message: `the output port ${name} stands twice: one per dataset` }]
        : []),
      ...(contractId === undefined
        ? [
            {
              path: [...path, 'contractId'],
              message: '`contractId` is missing: an output port is promised by a contract',
            },
          ]
        : []),
    ];
  });
}
