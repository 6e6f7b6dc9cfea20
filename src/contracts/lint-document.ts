import type { Problem } from '../base/errors.ts';
import { parseDocument, type SourceText } from './parse-document.ts';
import { ANY_CONTRACT } from './read-contract.ts';
import { judgeDocument } from './read-document.ts';
import { ANY_PRODUCT } from './read-product.ts';

/** A document judged by the standard that its `kind` names. */
export interface LintedFile {
  file: string;
  standard: 'odcs' | 'odps';
  problems: Problem[];
}

/** Every problem of a contract (ODCS) or product (ODPS) by its standard; other kinds are judged as contracts. */
export function lintAnyDocument(source: SourceText): LintedFile {
  const parsed = parseDocument(source);
  const isProduct = kindOf(parsed.value) === 'DataProduct';
  const { problems } = isProduct ? judgeDocument(parsed, ANY_PRODUCT) : judgeDocument(parsed, ANY_CONTRACT);
  return { file: source.file, standard: isProduct ? 'odps' : 'odcs', problems };
}

function kindOf(value: unknown): unknown {
  return value !== null && typeof value === 'object' ? (value as { kind?: unknown }).kind : undefined;
}

/** Whether a text says that it is one of these documents: how they are told from other YAML and JSON in a folder. */
export function isStandardDocument(text: string): boolean {
  return /^[ \t{]*["']?kind["']?[ \t]*:[ \t]*["']?Data(Contract|Product)\b/m.test(text);
}
