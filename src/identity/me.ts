import { z } from 'zod';
import { operation } from './context.ts';
import type { Caller } from './caller.ts';
import { findMesh } from './store.ts';
import type { Parts } from './context.ts';

export const ME = z.object({
  principal: z.object({
    id: z.string(),
    kind: z.enum(['person', 'service']),
    name: z.string(),
    email: z.string().nullable(),
  }),
  administrator: z.boolean(),
  domains: z.array(z.object({ name: z.string(), title: z.string(), role: z.string() })),
  scopes: z.array(z.string()),
  groups: z.array(z.string()).optional().describe('as the company’s identity provider names them'),
  actor: z
    .object({ id: z.string(), kind: z.enum(['service', 'application']), name: z.string() })
    .optional()
    .describe('who acts for this person by this token'),
  demo: z.boolean(),
  mesh: z.object({ name: z.string(), title: z.string() }),
});

export const whoAmI = operation({
  name: 'identity.me',
  summary: 'Who this token belongs to, and its domains and roles.',
  effect: 'read',
  http: { method: 'GET', path: '/me' },
  scope: 'read',
  input: z.object({}),
  output: ME,
  run: (context) => describeCaller(context, context.caller),
});

/** The caller as the sign-in answers and `me` show it. */
export async function describeCaller(parts: Parts, caller: Caller): Promise<z.output<typeof ME>> {
  const mesh = await findMesh(parts.database.reader);
  const { id, kind, name, email, administrator, domains, scopes } = caller;
  return {
    principal: { id, kind, name, email },
    administrator,
    domains: domains.map((domain) => ({ name: domain.name, title: domain.title, role: domain.role })),
    scopes,
    ...(caller.groups === undefined ? {} : { groups: caller.groups }),
    ...(caller.actor === undefined ? {} : { actor: caller.actor }),
    demo: parts.settings.demo,
    mesh: mesh ?? { name: 'mesh', title: 'Crossdock' },
  };
}
