import type { Problem } from '../base/errors.ts';
import type { SourceText } from '../contracts/parse-document.ts';
import { type DocumentKind, lintDocument, type ReadDocument } from '../contracts/read-document.ts';
import { type PolicyLevel, validatePolicies } from '../policy/policies.ts';
import type { DeclaredPolicy } from './declaration.ts';
import type { MeshFile } from './place-files.ts';

/** Collects problems while the parts of a folder are read, so that one reading reports all of them. */
export class FolderReading {
  readonly problems: Problem[] = [];

  /** The document, or null when it has problems, which are kept. */
  document<Model>(file: MeshFile, kind: DocumentKind<Model>): ReadDocument<Model> | null {
    return this.linted(lintDocument(sourceOf(file), kind));
  }

  linted<Model>(verdict: {
    document: ReadDocument<Model> | null;
    problems: Problem[];
  }): ReadDocument<Model> | null {
    this.problems.push(...verdict.problems);
    return verdict.document;
  }

  policy(file: MeshFile, level: PolicyLevel): DeclaredPolicy {
    this.problems.push(...validatePolicies(file.text, file.path, level));
    return { name: file.path.slice(file.path.lastIndexOf('/') + 1), file: file.path, text: file.text };
  }

  add(place: string, message: string): void {
    this.problems.push({ message, place });
  }
}

export function sourceOf({ path, text }: MeshFile): SourceText {
  return { file: path, content: text };
}
