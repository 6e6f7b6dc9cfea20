import { z } from 'zod';
import { originOf, principalOf } from '../audit/decisions.ts';
import { MeshError, type Problem } from '../base/errors.ts';
import { LIMITS } from '../base/limits.ts';
import type { Context } from '../identity/context.ts';
import { CHANGE_KINDS } from './change.ts';
import { withMeshDomain } from './mesh-domain.ts';
import { parseMesh } from './parse-mesh.ts';
import { type Scope, permitApply, permitChanges } from './permits.ts';
import { FOLDER_LIMITS, type MeshFile } from './place-files.ts';
import type { ReadFolder } from './current.ts';
import { type MeshChanges, planChanges } from './plan-changes.ts';
import { readCurrent } from './read-current.ts';
import { readInputs } from './read-inputs.ts';
import { VERDICT_VIEW } from '../products/majors/verdict-view.ts';
import type { Permits } from './writing.ts';

export const FOLDER_INPUT = z.object({
  files: z
    .array(z.object({ path: z.string(), text: z.string().max(LIMITS.documentBytes) }))
    .max(FOLDER_LIMITS.files)
    .describe('the files of the folder; paths are relative to the mesh, with `/`'),
  domain: z.string().optional().describe('only this domain; its folder alone may be given'),
});

export const CHANGES_OUTPUT = z.object({
  applied: z.boolean(),
  changes: z.array(
    z.object({
      action: z.enum(['create', 'update', 'remove', 'unchanged']),
      kind: z.enum(CHANGE_KINDS),
      name: z.string(),
      details: z.array(z.string()),
    }),
  ),
  versions: z
    .array(VERDICT_VIEW.extend({ product: z.string(), version: z.string() }))
    .describe('what changes for the consumers of each product that is offered anew or differently'),
  warnings: z.array(z.object({ message: z.string(), place: z.string().optional() })),
});

/** A folder that may be applied: read, allowed, and without problems. */
export interface Prepared {
  folder: ReadFolder;
  changes: MeshChanges;
  permits: Permits;
}

/**
 * Everything before the first write, the same for plan and apply: decide who may, read the folder, judge it.
 * @throws MeshError `auth.forbidden`, `mesh.invalid` and `mesh.refused` with all problems
 */
export async function prepare(context: Context, input: z.output<typeof FOLDER_INPUT>): Promise<Prepared> {
  const files = input.domain === undefined ? input.files : onlyDomain(input.files, input.domain);
  const apply = await permitApply(context, scopeOf(files));
  const whole = await withMeshDomain(files);
  const { declaration, problems } = parseMesh(whole.files);
  const { tables, problems: faults } = await readInputs(context.engine, declaration);
  refuse('mesh.invalid', [...whole.problems, ...problems, ...faults]);
  const by = principalOf(context.caller);
  const folder = { declaration, tables, by, origin: originOf(context) };
  const now = context.clock.now();
  const current = await readCurrent(context.database.reader, folder, { now });
  const changes = planChanges(folder, current, now);
  refuse('mesh.refused', changes.problems);
  return { folder, changes, permits: await permitChanges(context, changes, apply) };
}

function onlyDomain(files: MeshFile[], domain: string): MeshFile[] {
  const mine = files.filter(({ path }) => path.startsWith(`domains/${domain}/`));
  if (mine.length > 0) return mine;
  const problem = {
    message: `the folder holds no files of domain ${domain}`,
    place: `domains/${domain}:1:1`,
  };
  throw new MeshError('mesh.invalid', { problems: [problem] });
}

/** What the folder is of, by its paths alone: who may apply it is decided before anything in it is read. */
function scopeOf(files: readonly MeshFile[]): Scope {
  if (files.some(({ path }) => path === 'mesh.yaml')) return { kind: 'mesh' };
  const domains = files.flatMap(({ path }) => /^domains\/([^/]+)\//.exec(path)?.[1] ?? []);
  const [domain, ...others] = new Set(domains);
  if (domain !== undefined && others.length === 0) return { kind: 'domain', name: domain };
  const message =
    domain === undefined
      ? 'the folder holds neither mesh.yaml nor a domain with its domain.yaml'
      : 'without mesh.yaml the folder may hold one domain only: apply each alone, or add mesh.yaml';
  throw new MeshError('mesh.invalid', { problems: [{ message, place: 'mesh.yaml:1:1' }] });
}

function refuse(code: 'mesh.invalid' | 'mesh.refused', problems: Problem[]): void {
  if (problems.length > 0) throw new MeshError(code, { problems });
}
