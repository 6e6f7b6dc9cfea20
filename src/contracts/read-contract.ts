import { CONTRACT_RULES } from './contract-rules.ts';
import { DATASET_RULES } from './dataset-rules.ts';
import { type Contract, contract } from './odcs.ts';
import type { SourceText } from './parse-document.ts';
import {
  type DocumentKind,
  lintDocument,
  type LintedDocument,
  readDocument,
  type ReadDocument,
} from './read-document.ts';

export type ContractDocument = ReadDocument<Contract>;

/** An ODCS document by the standard alone. */
export const ANY_CONTRACT: DocumentKind<Contract> = {
  code: 'contract.invalid',
  model: contract,
  rules: CONTRACT_RULES,
};

const DATASET_CONTRACT: DocumentKind<Contract> = {
  ...ANY_CONTRACT,
  rules: [...CONTRACT_RULES, ...DATASET_RULES],
};

/** Every problem of an ODCS document (3.0.x, 3.1.0, 3.2.0) by the standard. */
export function lintContract(source: SourceText): LintedDocument<Contract> {
  return lintDocument(source, ANY_CONTRACT);
}

/** Every problem of a contract by the standard and as the contract of one dataset. */
export function lintDatasetContract(source: SourceText): LintedDocument<Contract> {
  return lintDocument(source, DATASET_CONTRACT);
}

/** An ODCS document; throws `contract.invalid` with all problems. */
export function readContract(source: SourceText): ContractDocument {
  return readDocument(source, ANY_CONTRACT);
}

/** The contract of a dataset, of which `contractTable` gives the table; throws `contract.invalid`. */
export function readDatasetContract(source: SourceText): ContractDocument {
  return readDocument(source, DATASET_CONTRACT);
}
