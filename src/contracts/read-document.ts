import type { z } from 'zod';
import type { ErrorCode } from '../base/error-table.ts';
import { MeshError, type Problem } from '../base/errors.ts';
import type { Finding, Rule } from './finding.ts';
import { judgeModel } from './judge-model.ts';
import {
  jsonPointer,
  parseDocument,
  type ParsedDocument,
  type Path,
  type SourceText,
} from './parse-document.ts';

/** A document that holds to its model and its rules. `text` is what a round trip gives back. */
export interface ReadDocument<Model> {
  file: string;
  text: string;
  value: Model;
  /** `file:line:column` of a value or key of the document. */
  place(path: Path, at?: 'key' | 'value'): string;
}

/** A kind of document: its shape, and the rules that a shape cannot say. */
export interface DocumentKind<Model> {
  /** The code of the error that carries the problems; its message names the `{file}`. */
  code: ErrorCode;
  model: z.ZodType<Model>;
  rules: Rule<Model>[];
}

/** The document, or every problem it has, in the order of its lines. */
export interface LintedDocument<Model> {
  document: ReadDocument<Model> | null;
  problems: Problem[];
}

/** More would hide the first; whoever has a hundred problems starts with those. */
const MOST_PROBLEMS = 100;

/** Checks a document against its kind without throwing. */
export function lintDocument<Model>(source: SourceText, kind: DocumentKind<Model>): LintedDocument<Model> {
  return judgeDocument(parseDocument(source), kind);
}

/** Judges what was parsed already. */
export function judgeDocument<Model>(
  { file, text, place, ...parsed }: ParsedDocument,
  kind: DocumentKind<Model>,
): LintedDocument<Model> {
  if (parsed.value === undefined) return { document: null, problems: parsed.problems };
  const { value, findings } = judgeModel(parsed.value, kind);
  // What could not be read as YAML stands as null in the value: no second problem for that.
  const unread = new Set(parsed.problems.map(({ pointer }) => pointer));
  const judged = placeFindings({ place }, findings).filter(({ pointer }) => !unread.has(pointer));
  const problems = inOrder([...parsed.problems, ...judged]);
  if (problems.length > 0 || value === null) return { document: null, problems: atMost(problems, file) };
  return { document: { file, text, value, place }, problems: [] };
}

/** Reads a document; throws the kind's error with every problem when there is one. */
export function readDocument<Model>(source: SourceText, kind: DocumentKind<Model>): ReadDocument<Model> {
  const { document, problems } = lintDocument(source, kind);
  if (!document) throw new MeshError(kind.code, { facts: { file: source.file }, problems });
  return document;
}

/** Places findings, also those of later steps such as the comparison with a real table. */
export function placeFindings(
  { place }: Pick<ReadDocument<unknown>, 'place'>,
  findings: readonly Finding[],
): Problem[] {
  return findings.map(({ path, at, message }) => ({
    message,
    place: place(path, at),
    pointer: jsonPointer(path),
  }));
}

/** By line and column. */
export function inOrder(problems: Problem[]): Problem[] {
  return problems
    .map((problem) => ({ problem, position: (problem.place ?? '').split(':').slice(-2).map(Number) }))
    .sort((a, b) => a.position[0]! - b.position[0]! || a.position[1]! - b.position[1]!)
    .map(({ problem }) => problem);
}

function atMost(problems: Problem[], file: string): Problem[] {
  if (problems.length <= MOST_PROBLEMS) return problems;
  const more = `and ${problems.length - MOST_PROBLEMS} more problems in this file`;
  return [...problems.slice(0, MOST_PROBLEMS), { message: more, place: `${file}:1:1`, pointer: '' }];
}
