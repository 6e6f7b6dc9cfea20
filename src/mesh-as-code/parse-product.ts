import { isMeshError, type Problem } from '../base/errors.ts';
import { contractTable } from '../contracts/contract-table.ts';
import { parseVersion } from '../contracts/version.ts';
import { customValue } from '../contracts/model-elements.ts';
import type { Contract } from '../contracts/odcs.ts';
import type { Product } from '../contracts/odps.ts';
import type { Path } from '../contracts/parse-document.ts';
import { lintDatasetContract, withVariables } from '../contracts/read-contract.ts';
import type { Variables } from '../contracts/variables.ts';
import type { ReadDocument } from '../contracts/read-document.ts';
import { lintMeshProduct } from '../contracts/read-product.ts';
import { readPipelineSettings } from '../pipelines/pipeline-settings.ts';
import { placeFaults, settingFaults } from '../pipelines/settings-fit.ts';
import { readRestrictions } from '../policy/restriction.ts';
import type { ProductStatus } from '../store/schema.ts';
import { type GrantedAccess, type Narrowing, readGrant } from '../subscriptions/grant.ts';
import { meant } from '../contracts/suggest.ts';
import { checkRestrictions } from './check-restrictions.ts';
import type { DeclaredDataset, DeclaredGrant, DeclaredProduct, DeclaredSql, Place } from './declaration.ts';
import { GRANTS, REQUEST, RESTRICTIONS } from './document-kinds.ts';
import { findUnfitText, pathOf } from './document-rules.ts';
import { DAY, type GrantsDocument, type RequestDocument } from './documents.ts';
import { type FolderReading, sourceOf } from './folder-reading.ts';
import type { MeshFile, ProductFiles } from './place-files.ts';

export interface ProductDomain {
  name: string;
  /** For its contracts; null where domain.yaml could not be read. */
  variables: Variables | null;
}

/** One product's folder; null when its product.odps.yaml cannot be read. Problems go to `reading`. */
export function parseProduct(
  files: ProductFiles,
  { name: domain, variables }: ProductDomain,
  reading: FolderReading,
): DeclaredProduct | null {
  const contracts = new Map(
    [...files.contracts].map(([name, file]) => [name, readContract(file, variables, reading)]),
  );
  const access = files.access === undefined ? [] : [reading.policy(files.access, 'product')];
  const document = files.product && reading.linted(lintMeshProduct(sourceOf(files.product)));
  if (!document) return null;
  const datasets = [...contracts].flatMap(([name, contract]) =>
    contract === null
      ? []
      : [declareDataset({ name, contract, document, sql: readSql(files.sql.get(name), contract, reading) })],
  );
  checkNames({ files, domain, document, reading });
  checkPorts({ files, document, contracts, reading });
  checkText(document, reading);
  for (const contract of contracts.values()) if (contract !== null) checkText(contract, reading);
  const { value, text, place } = document;
  const name = files.name;
  return {
    domain,
    name,
    title: titleOf(value, name),
    description: value.description?.purpose?.trim() ?? '',
    status: statusOf(document, reading),
    tags: value.tags ?? [],
    version: value.version ?? '',
    major: parseVersion(value.version ?? '')?.major ?? 1,
    previousMajorEnds: previousEndOf(document, reading),
    document: value,
    text,
    place,
    access,
    ...readRules(files, datasets, reading),
    datasets,
  };
}

/** A contract as it reads with the domain's variables; its servers are not asked, so their variables are not. */
function readContract(
  file: MeshFile,
  variables: Variables | null,
  reading: FolderReading,
): ReadDocument<Contract> | null {
  const document = reading.linted(lintDatasetContract(sourceOf(file)));
  if (document === null || variables === null) return document;
  const isUsed = ([first]: Path) => first !== 'servers';
  const hint = 'declare it in `variables` of domain.yaml';
  return reading.linted(withVariables(document, { variables, isUsed, hint }));
}

interface Parts {
  files: ProductFiles;
  document: ReadDocument<Product>;
  reading: FolderReading;
}

function checkNames({ files, domain, document, reading }: Parts & { domain: string }): void {
  const { value, place } = document;
  if (value.name !== files.name) {
    reading.add(
      place(['name']),
      `the product is called ${value.name} and its folder ${files.name}: make them the same`,
    );
  }
  if (value.domain !== undefined && value.domain !== domain) {
    reading.add(
      place(['domain']),
      `the product lies in the folder of domain ${domain}, not of ${value.domain}`,
    );
  }
}

/** An output port, its contract and the file of the contract name each other. */
function checkPorts({
  files,
  document,
  contracts,
  reading,
}: Parts & { contracts: Map<string, ReadDocument<Contract> | null> }): void {
  const { value, place } = document;
  const ports = value.outputPorts ?? [];
  for (const [index, { name, contractId }] of ports.entries()) {
    if (!contracts.has(name)) {
      const message = `there is no contract ${name}.odcs.yaml beside the product${meant(name, [...contracts.keys()])}`;
      reading.add(place(['outputPorts', index, 'name']), message);
    }
    const contract = contracts.get(name);
    if (contract && contractId !== undefined && contract.value.id !== contractId) {
      const message = `the port names the contract ${contractId}, and ${contract.file} is ${contract.value.id}`;
      reading.add(place(['outputPorts', index, 'contractId']), message);
    }
  }
  const names = ports.map(({ name }) => name);
  for (const [name, { path }] of files.contracts) {
    if (!names.includes(name))
      reading.add(`${path}:1:1`, `no output port is called ${name}${meant(name, names)}`);
  }
}

function checkText(document: ReadDocument<unknown>, reading: FolderReading): void {
  for (const { path, message } of findUnfitText(document.value)) reading.add(document.place(path), message);
}

/** ODPS "status": proposed, draft, active, deprecated, retired. */
const STATUSES: Record<string, ProductStatus> = {
  proposed: 'draft',
  draft: 'draft',
  active: 'published',
  deprecated: 'deprecated',
  retired: 'retired',
};

function statusOf({ value, place }: ReadDocument<Product>, reading: FolderReading): ProductStatus {
  const status = value.status ?? 'draft';
  const known = Object.hasOwn(STATUSES, status) ? STATUSES[status] : undefined;
  if (known !== undefined) return known;
  const message = `the status ${status} is not one of ${Object.keys(STATUSES).join(', ')}`;
  reading.add(place(['status']), message);
  return 'draft';
}

/** ODPS has no title: the custom property `title`, else the name in words. */
function titleOf({ customProperties }: Product, name: string): string {
  const title = customValue(customProperties, 'title');
  if (typeof title === 'string' && title.trim() !== '') return title.trim();
  const words = name.replaceAll(/[-_]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The custom property `previousMajorEnds`: the last day on which the major before is served. */
function previousEndOf({ value, place }: ReadDocument<Product>, reading: FolderReading): string | null {
  const index = value.customProperties?.findIndex(({ property }) => property === 'previousMajorEnds') ?? -1;
  if (index < 0) return null;
  const day = value.customProperties?.[index]?.value;
  if (typeof day === 'string' && DAY.test(day)) return day;
  const message = '`previousMajorEnds` must be a date such as 2026-12-31, in quotes';
  reading.add(place(['customProperties', index, 'value']), message);
  return null;
}

interface DatasetParts {
  name: string;
  contract: ReadDocument<Contract>;
  document: ReadDocument<Product>;
  sql: DeclaredSql | null;
}

function declareDataset({ name, contract, document, sql }: DatasetParts): DeclaredDataset {
  const { value, text, place } = contract;
  const port = document.value.outputPorts?.find((one) => one.name === name);
  const description = value.schema?.[0]?.description ?? port?.description ?? value.description?.purpose ?? '';
  return {
    name,
    description: description.trim(),
    contract: value,
    text,
    place,
    version: value.version,
    columns: contractTable(value).columns,
    sql,
  };
}

/** The settings are judged here; the SELECT below them by the engine (`read-inputs.ts`). */
function readSql(
  file: MeshFile | undefined,
  contract: ReadDocument<Contract>,
  reading: FolderReading,
): DeclaredSql | null {
  if (file === undefined) return null;
  const settings = readPipelineSettings(file.text, file.path);
  const faults = settingFaults(settings.settings, contractTable(contract.value));
  reading.problems.push(...settings.problems, ...placeFaults(settings, file.path, faults));
  return { file: file.path, text: file.text, settings };
}

type Rules = Pick<
  DeclaredProduct,
  'restrictions' | 'restrictionsPlace' | 'requestForm' | 'requestPlace' | 'grants' | 'grantsPlace'
>;

function readRules(files: ProductFiles, datasets: DeclaredDataset[], reading: FolderReading): Rules {
  const nowhere = () => '';
  const rules: Rules = {
    ...{ restrictions: [], restrictionsPlace: nowhere, requestForm: {}, requestPlace: nowhere },
    ...{ grants: [], grantsPlace: nowhere },
  };
  const request = files.request && reading.document(files.request, REQUEST);
  if (request) {
    Object.assign(rules, { requestForm: request.value, requestPlace: request.place });
    reading.problems.push(...emergencyProblems(request.value, datasets, request.place));
  }
  const restrictions = files.restrictions && reading.document(files.restrictions, RESTRICTIONS);
  if (restrictions) {
    rules.restrictions = readRestrictions(restrictions.value.restrictions).restrictions;
    rules.restrictionsPlace = restrictions.place;
    reading.problems.push(...checkRestrictions(rules.restrictions, datasets, restrictions.place));
  }
  const grants = files.grants && reading.document(files.grants, GRANTS);
  if (grants) {
    rules.grantsPlace = grants.place;
    rules.grants = grants.value.grants.flatMap((grant, index) => {
      const read = readOneGrant(grant, datasets);
      if ('problems' in read)
        reading.problems.push(...placed(read.problems, ['grants', index], grants.place));
      return 'problems' in read ? [] : [read];
    });
  }
  return rules;
}

/** What an emergency gives has to fit the product, like a grant. */
function emergencyProblems(
  { breakGlass }: RequestDocument,
  datasets: DeclaredDataset[],
  place: Place,
): Problem[] {
  const { allow: _allow, ...narrowing } = breakGlass ?? { allow: false };
  const read = readNarrowing(narrowing, datasets);
  return 'problems' in read ? placed(read.problems, ['breakGlass'], place) : [];
}

type WrittenGrant = GrantsDocument['grants'][number];

function readOneGrant(
  grant: WrittenGrant,
  datasets: DeclaredDataset[],
): DeclaredGrant | { problems: Problem[] } {
  const { domain, purpose, until = null, ...narrowing } = grant;
  const read = readNarrowing(narrowing, datasets);
  return 'problems' in read ? read : { domain, purpose, granted: read, until };
}

function readNarrowing(
  narrowing: Narrowing,
  datasets: DeclaredDataset[],
): GrantedAccess | { problems: Problem[] } {
  try {
    return readGrant(narrowing, datasets);
  } catch (error) {
    if (isMeshError(error, 'subscription.grant-invalid')) return { problems: error.problems };
    throw error;
  }
}

function placed(problems: Problem[], path: Path, place: Place): Problem[] {
  return problems.map(({ message, pointer = '' }) => ({
    message,
    place: place([...path, ...pathOf(pointer)]),
  }));
}
