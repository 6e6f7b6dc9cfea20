import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MESH_DOMAIN } from '../audit/chain-files/write-chain-files.ts';
import type { Problem } from '../base/errors.ts';
import type { MeshFile } from './place-files.ts';
import { readMeshFolder } from './read-mesh-folder.ts';

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const BLUEPRINT = join(ROOT, 'blueprints', 'mesh');
const FOLDER = `domains/${MESH_DOMAIN}/`;

/** What of the mesh's own domain is for people to say: who is in it, and who gets what of the audit. */
const GIVEN = new Set(
  [
    'domain.yaml',
    'access.cedar',
    ...['access.cedar', 'restrictions.yaml', 'request.yaml', 'grants.yaml'].map(
      (name) => `products/audit/${name}`,
    ),
  ].map((path) => FOLDER + path),
);

/**
 * A folder that declares the mesh's own domain gets what the mesh declares of it: the audit as a product. A file
 * given takes the place of the mesh's where it may be given at all.
 */
export async function withMeshDomain(
  files: readonly MeshFile[],
): Promise<{ files: MeshFile[]; problems: Problem[] }> {
  const given = files.filter(({ path }) => path.startsWith(FOLDER));
  if (given.length === 0) return { files: [...files], problems: [] };
  const problems = given
    .filter(({ path }) => !GIVEN.has(path))
    .map(({ path }) => ({
      message: `the mesh declares its own domain ${MESH_DOMAIN} itself; only ${[...GIVEN].map((one) => one.slice(FOLDER.length)).join(', ')} may be given`,
      place: `${path}:1:1`,
    }));
  const taken = new Set(given.map(({ path }) => path).filter((path) => GIVEN.has(path)));
  const own = (await readMeshFolder(BLUEPRINT)).filter(({ path }) => !taken.has(path));
  const kept = files.filter(({ path }) => !path.startsWith(FOLDER) || taken.has(path));
  return { files: [...kept, ...own], problems };
}
