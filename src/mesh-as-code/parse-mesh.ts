import type { Problem } from '../base/errors.ts';
import { readRestrictions } from '../policy/restriction.ts';
import type { DeclaredDomain, DeclaredMesh, MeshDeclaration } from './declaration.ts';
import { MESH } from './document-kinds.ts';
import { FolderReading } from './folder-reading.ts';
import { parseDomain } from './parse-domain.ts';
import { type MeshFile, placeFiles, type PlacedFiles } from './place-files.ts';

/** A folder read: `declaration` holds every part that could be read, and is to be used only without problems. */
export interface ParsedMesh {
  declaration: MeshDeclaration;
  problems: Problem[];
}

/** Reads a folder of the mesh, or of one domain: pure, and every problem of every file at once. */
export function parseMesh(files: readonly MeshFile[]): ParsedMesh {
  const placed = placeFiles(files);
  const reading = new FolderReading();
  reading.problems.push(...placed.problems);
  const mesh = parseMeshParts(placed, reading);
  const domains = [...placed.domains.values()]
    .map((domain) => parseDomain(domain, reading))
    .filter((domain): domain is DeclaredDomain => domain !== null);
  if (placed.mesh === undefined) judgeWithoutMesh(placed, reading);
  return { declaration: { mesh, domains }, problems: inOrder(reading.problems) };
}

function parseMeshParts(placed: PlacedFiles, reading: FolderReading): DeclaredMesh | null {
  const policies = placed.policies.map((file) => reading.policy(file, 'mesh'));
  const document = placed.mesh === undefined ? null : reading.document(placed.mesh, MESH);
  if (document === null) return null;
  const { value, text, place } = document;
  const { restrictions } = readRestrictions(value.restrictions ?? []);
  return {
    name: value.name,
    title: value.title ?? value.name,
    document: value,
    text,
    place,
    policies,
    restrictions,
  };
}

function judgeWithoutMesh(placed: PlacedFiles, reading: FolderReading): void {
  for (const { path } of placed.policies) {
    reading.add(
      `${path}:1:1`,
      'policies of the mesh stand beside mesh.yaml, and there is none in this folder',
    );
  }
}

function inOrder(problems: Problem[]): Problem[] {
  return [...problems].sort((left, right) => comparePlaces(left.place ?? '', right.place ?? ''));
}

function comparePlaces(left: string, right: string): number {
  const [leftFile, leftLine, leftColumn] = parts(left);
  const [rightFile, rightLine, rightColumn] = parts(right);
  if (leftFile !== rightFile) return leftFile < rightFile ? -1 : 1;
  return leftLine - rightLine || leftColumn - rightColumn;
}

function parts(place: string): [string, number, number] {
  const found = /^(.*):(\d+):(\d+)$/s.exec(place);
  return found ? [found[1] ?? '', Number(found[2]), Number(found[3])] : [place, 0, 0];
}
