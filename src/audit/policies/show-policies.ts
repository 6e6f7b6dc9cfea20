import { z } from 'zod';
import { MeshError } from '../../base/errors.ts';
import { operation } from '../../identity/context.ts';
import { domainsToAudit } from '../list-audit.ts';
import { findPolicySet, hasRuled } from './store.ts';

export const showPolicies = operation({
  name: 'audit.policies',
  summary:
    'The texts of the policies that ruled in a row of the audit you may read, by the version it names.',
  effect: 'read',
  http: { method: 'GET', path: '/audit/policies/:version' },
  scope: 'read',
  input: z.object({ version: z.string().regex(/^[0-9a-f]{64}$/, 'must be what `policies` of a row says') }),
  output: z.object({
    version: z.string(),
    policies: z.array(
      z.object({
        level: z.string(),
        name: z.string().describe('a file of the mesh, or the domain or product that it stands beside'),
        hash: z.string().describe('SHA-256 of the text'),
        text: z.string(),
      }),
    ),
  }),
  async run({ caller, database }, { version }) {
    const isSeen = await hasRuled(database.reader, { version, domainIds: domainsToAudit(caller) });
    const policies = isSeen ? await findPolicySet(database.reader, version) : undefined;
    if (policies === undefined)
      throw new MeshError('not-found', { facts: { what: `version ${version} of the policies` } });
    return { version, policies };
  },
});
