import { MeshError } from '../base/errors.ts';
import { CONTRACT_RULES } from './contract-rules.ts';
import { DATASET_RULES } from './dataset-rules.ts';
import { judgeModel } from './judge-model.ts';
import { type Contract, contract } from './odcs.ts';
import type { SourceText } from './parse-document.ts';
import {
  type DocumentKind,
  inOrder,
  lintDocument,
  type LintedDocument,
  placeFindings,
  readDocument,
  type ReadDocument,
} from './read-document.ts';
import { hasVariables, type Resolving, resolveVariables } from './variables.ts';

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

/**
 * What the contract says with its variables (ODCS 3.2 "Variables"), judged once more: a value may be wrong where
 * its reference was not. Text and places stay those that were written. Earlier versions know no variables.
 */
export function withVariables(document: ContractDocument, resolving: Resolving): LintedDocument<Contract> {
  if (document.value.apiVersion !== 'v3.2.0' || !hasVariables(document.text))
    return { document, problems: [] };
  const resolved = resolveVariables(document.value, resolving);
  const faults =
    resolved.faults.length > 0 ? resolved.faults : judgeModel(resolved.value, ANY_CONTRACT).findings;
  if (faults.length > 0) return { document: null, problems: inOrder(placeFindings(document, faults)) };
  return { document: { ...document, value: resolved.value }, problems: [] };
}

/** The same; throws `contract.invalid` with all problems. */
export function needVariables(document: ContractDocument, resolving: Resolving): ContractDocument {
  const verdict = withVariables(document, resolving);
  if (verdict.document !== null) return verdict.document;
  throw new MeshError(ANY_CONTRACT.code, { facts: { file: document.file }, problems: verdict.problems });
}

/** An ODCS document; throws `contract.invalid` with all problems. */
export function readContract(source: SourceText): ContractDocument {
  return readDocument(source, ANY_CONTRACT);
}

/** The contract of a dataset, of which `contractTable` gives the table; throws `contract.invalid`. */
export function readDatasetContract(source: SourceText): ContractDocument {
  return readDocument(source, DATASET_CONTRACT);
}
