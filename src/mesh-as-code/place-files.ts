import type { Problem } from '../base/errors.ts';
import { LIMITS } from '../base/limits.ts';
import { MESH_NAME } from '../contracts/product-rules.ts';
import { meant } from '../contracts/suggest.ts';
import { schemaNameFault } from './names.ts';

/** One text of the folder; `path` is relative to the folder of the mesh, with `/`. */
export interface MeshFile {
  path: string;
  text: string;
}

/** The files of a product by their part in it. */
export interface ProductFiles {
  name: string;
  folder: string;
  product: MeshFile | undefined;
  access: MeshFile | undefined;
  restrictions: MeshFile | undefined;
  request: MeshFile | undefined;
  grants: MeshFile | undefined;
  /** By dataset name. */
  contracts: Map<string, MeshFile>;
  sql: Map<string, MeshFile>;
}

export interface DomainFiles {
  name: string;
  folder: string;
  domain: MeshFile | undefined;
  /** Policies beside domain.yaml: about all products of the domain. */
  access: MeshFile | undefined;
  sources: Map<string, MeshFile>;
  products: Map<string, ProductFiles>;
}

/** Every file of a folder at its place in the mesh. */
export interface PlacedFiles {
  mesh: MeshFile | undefined;
  policies: MeshFile[];
  domains: Map<string, DomainFiles>;
  problems: Problem[];
}

export const FOLDER_LIMITS = {
  /** Ten times the largest mesh we know of. */
  files: 20_000,
  /** Characters of a path; every file system takes more. */
  pathLength: 400,
} as const;

/** Puts files where they belong; everything that belongs nowhere is a problem with a suggestion. */
export function placeFiles(files: readonly MeshFile[]): PlacedFiles {
  const placed: PlacedFiles = { mesh: undefined, policies: [], domains: new Map(), problems: [] };
  const seen = new Set<string>();
  for (const file of [...files].sort((left, right) => (left.path < right.path ? -1 : 1))) {
    const fault = pathFault(file, seen) ?? placeFile(file, placed);
    if (fault !== null) placed.problems.push({ message: fault, place: `${shownPath(file.path)}:1:1` });
    seen.add(file.path);
  }
  for (const domain of placed.domains.values()) placed.problems.push(...missingFiles(domain));
  return placed;
}

function shownPath(path: string): string {
  return path.slice(0, FOLDER_LIMITS.pathLength).replace(/[\u0000-\u001f]/g, '?');
}

function pathFault({ path, text }: MeshFile, seen: Set<string>): string | null {
  if (path.length > FOLDER_LIMITS.pathLength)
    return `the path is longer than ${FOLDER_LIMITS.pathLength} characters`;
  const parts = path.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..') || /[\\\u0000-\u001f]/.test(path)) {
    return 'the path must be relative, with `/` between names and without `.` and `..`';
  }
  if (seen.has(path)) return 'the file was given twice';
  if (Buffer.byteLength(text) > LIMITS.documentBytes)
    return `the file is larger than ${LIMITS.documentBytes} bytes`;
  if (text.includes('\0') || !text.isWellFormed()) return 'the file is not a text in UTF-8';
  return null;
}

/** Null when the file found its place. */
function placeFile(file: MeshFile, placed: PlacedFiles): string | null {
  const parts = file.path.split('/');
  const [top = '', second = '', ...rest] = parts;
  if (file.path === 'mesh.yaml') {
    placed.mesh = file;
    return null;
  }
  if (top === 'policies' && parts.length === 2 && second.endsWith('.cedar')) {
    placed.policies.push(file);
    return null;
  }
  if (top === 'policies') return 'only policies/NAME.cedar files are read here';
  if (top !== 'domains' || rest.length === 0) {
    return `nothing is read at this place${meant(top, ['mesh.yaml', 'policies', 'domains'])}`;
  }
  const fault = schemaNameFault('domain', second);
  if (fault !== null) return fault;
  const domain = placed.domains.get(second) ?? emptyDomain(second);
  placed.domains.set(second, domain);
  return placeInDomain(file, rest, domain);
}

function badName(what: string, name: string): string {
  return `the ${what} name ${name} must start with a-z and have at most 63 of a-z, 0-9, _ and -`;
}

function emptyDomain(name: string): DomainFiles {
  return {
    name,
    folder: `domains/${name}`,
    domain: undefined,
    access: undefined,
    sources: new Map(),
    products: new Map(),
  };
}

function placeInDomain(file: MeshFile, parts: string[], domain: DomainFiles): string | null {
  const [first = '', second = '', third = ''] = parts;
  if (parts.length === 1 && first === 'domain.yaml') {
    domain.domain = file;
    return null;
  }
  if (parts.length === 1 && first === 'access.cedar') {
    domain.access = file;
    return null;
  }
  if (first === 'sources' && parts.length === 2) return placeSource(file, second, domain);
  if (first === 'products' && parts.length === 3) {
    if (!MESH_NAME.test(second)) return badName('product', second);
    const product = domain.products.get(second) ?? emptyProduct(second, domain);
    domain.products.set(second, product);
    return placeInProduct(file, third, product);
  }
  return `nothing is read at this place of a domain${meant(first, ['domain.yaml', 'access.cedar', 'sources', 'products'])}`;
}

function emptyProduct(name: string, domain: DomainFiles): ProductFiles {
  return {
    name,
    folder: `${domain.folder}/products/${name}`,
    product: undefined,
    access: undefined,
    restrictions: undefined,
    request: undefined,
    grants: undefined,
    contracts: new Map(),
    sql: new Map(),
  };
}

function placeSource(file: MeshFile, fileName: string, domain: DomainFiles): string | null {
  const name = fileName.replace(/\.yaml$/, '');
  if (name === fileName) return 'a source is a file SOURCE.yaml';
  const fault = schemaNameFault('source', name);
  if (fault !== null) return fault;
  domain.sources.set(name, file);
  return null;
}

const SINGLE = {
  'product.odps.yaml': 'product',
  'access.cedar': 'access',
  'restrictions.yaml': 'restrictions',
  'request.yaml': 'request',
  'grants.yaml': 'grants',
} as const;

function placeInProduct(file: MeshFile, fileName: string, product: ProductFiles): string | null {
  if (Object.hasOwn(SINGLE, fileName)) {
    product[SINGLE[fileName as keyof typeof SINGLE]] = file;
    return null;
  }
  for (const [ending, files] of [
    ['.odcs.yaml', product.contracts],
    ['.sql', product.sql],
  ] as const) {
    const name = fileName.slice(0, -ending.length);
    if (!fileName.endsWith(ending)) continue;
    if (!MESH_NAME.test(name)) return badName('dataset', name);
    files.set(name, file);
    return null;
  }
  return `${fileName} is not a file of a product${meant(fileName, [...Object.keys(SINGLE), 'DATASET.odcs.yaml', 'DATASET.sql'])}`;
}

function missingFiles(domain: DomainFiles): Problem[] {
  const problems: Problem[] = [];
  if (domain.domain === undefined) {
    const place = `${domain.folder}/domain.yaml:1:1`;
    problems.push({ message: `domain ${domain.name} has no domain.yaml`, place });
  }
  for (const product of domain.products.values()) {
    if (product.product === undefined) {
      const place = `${product.folder}/product.odps.yaml:1:1`;
      problems.push({ message: `product ${product.name} has no product.odps.yaml`, place });
    }
    for (const [name, { path }] of product.sql) {
      if (product.contracts.has(name)) continue;
      problems.push({
        message: `${name}.sql has no contract ${name}.odcs.yaml beside it`,
        place: `${path}:1:1`,
      });
    }
  }
  return problems;
}
