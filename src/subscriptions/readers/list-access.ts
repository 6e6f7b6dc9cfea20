import { z } from 'zod';
import { mayCaller, whichAllowed } from '../../audit/decisions.ts';
import { isoTime } from '../../base/clock.ts';
import { MeshError } from '../../base/errors.ts';
import { type Context, operation } from '../../identity/context.ts';
import { findDomainId } from '../../identity/store.ts';
import { readDomainAttributes } from '../../products/store.ts';
import { onlyVisible } from '../../products/visible-products.ts';
import { type AccessFacts, readAccessFacts } from '../store.ts';
import { ACCESS_PATH, type AccessPath, pathOf } from './access-path.ts';
import { momentOf } from './asked-access.ts';
import { plansOf, type ReadingCandidate } from './reader-paths.ts';
import { findCandidate, listReachable } from './store.ts';

const PRINCIPAL = z.object({
  id: z.string(),
  kind: z.enum(['person', 'service', 'domain']),
  name: z.string(),
  email: z.string().nullable(),
});

export const listAccess = operation({
  name: 'access.list',
  summary:
    'What a person, a service account or a domain can see, and by which path: now, or as of a past moment.',
  effect: 'read',
  http: { method: 'GET', path: '/access' },
  scope: 'read',
  input: z.object({
    of: z
      .string()
      .max(320)
      .optional()
      .describe('e-mail address, DOMAIN/NAME of a service account, name of a domain, or id; absent is you'),
    at: z.iso.datetime({ offset: true }).optional().describe('as of this moment'),
    after: z.string().max(100).optional().describe('cursor: `next` of the page before'),
    limit: z.coerce.number().int().min(1).max(200).default(100),
  }),
  output: z.object({
    at: z.string(),
    principal: PRINCIPAL,
    paths: z.array(ACCESS_PATH),
    next: z.string().nullable(),
  }),
  async run(context, input) {
    const at = input.at === undefined ? null : await momentOf(context, new Date(input.at));
    const asked = { at, now: at ?? context.clock.now() };
    const subject = await readSubject(context, input.of, at);
    const { domainIds, reader } = subject;
    const page = {
      domainIds,
      principalId: reader.id,
      now: asked.now,
      after: input.after,
      limit: input.limit,
      at,
    };
    const { datasetIds, past, next } = await listReachable(context.database.reader, page);
    const facts = await readAccessFacts(context.database.reader, {
      datasetIds,
      domainIds,
      now: asked.now,
      releasesAt: at,
      ...(past === null ? {} : { past }),
    });
    const visible = subject.isCaller ? facts : await onlyDiscoverable(context, facts);
    const paths = visible.flatMap((one) => pathsOf(one, subject, asked.now));
    return { at: isoTime(asked.now), principal: subject.shown, paths, next };
  },
});

/** Whom it is about, and through which of their domains the asker may know. */
interface Subject {
  shown: z.output<typeof PRINCIPAL>;
  reader: ReadingCandidate;
  domainIds: string[];
  isCaller: boolean;
}

/**
 * Oneself; a domain for its members; anybody for those who audit a domain of theirs, as far as they read
 * through it. Whoever it is none of the asker's business to know is not there.
 * @throws MeshError `not-found`
 */
async function readSubject(context: Context, of: string | undefined, at: Date | null): Promise<Subject> {
  const { caller, database } = context;
  const isCaller = of === undefined || of === caller.id || of === caller.email;
  const domain = isCaller ? null : await findDomain(context, of, at);
  if (domain !== null) return domain;
  const name = isCaller ? caller.id : of;
  const reader = await findCandidate(database.reader, { name, at });
  const domainIds = reader === undefined || isCaller ? [] : await auditedDomains(context, reader);
  if (reader === undefined || !(isCaller || domainIds.length > 0 || (await auditsMesh(context)))) {
    throw new MeshError('not-found', { facts: { what: `principal ${of ?? caller.id}` } });
  }
  const { id, kind, email } = reader;
  return {
    shown: { id, kind, name: reader.name, email },
    reader,
    domainIds: isCaller ? reader.domains.map((one) => one.id) : domainIds,
    isCaller,
  };
}

async function findDomain(context: Context, name: string, at: Date | null): Promise<Subject | null> {
  const { reader } = context.database;
  const id = await findDomainId(reader, name);
  if (id === undefined) return null;
  const question = {
    action: 'domain.read' as const,
    resource: { type: 'Domain' as const, domain: name },
    scope: { domainId: id },
  };
  if (!(await mayCaller(context, question))) return null;
  const attributes = await readDomainAttributes(reader, { domain: name, at });
  return {
    shown: { id, kind: 'domain', name, email: null },
    // As its pipelines read (`pipelines/resolve-inputs.ts`).
    reader: {
      id: `pipeline of ${name}`,
      kind: 'service',
      administrator: false,
      attributes,
      domains: [{ id, name, role: 'engineer' }],
    },
    domainIds: [id],
    isCaller: false,
  };
}

async function auditedDomains(context: Context, { domains }: ReadingCandidate): Promise<string[]> {
  const allowed = await whichAllowed(
    context,
    domains.map(({ id, name }) => ({
      action: 'domain.audit' as const,
      resource: { type: 'Domain' as const, domain: name },
      scope: { domainId: id },
    })),
  );
  return domains.filter((_, index) => allowed[index]).map(({ id }) => id);
}

function auditsMesh(context: Context): Promise<boolean> {
  return mayCaller(context, { action: 'mesh.audit', resource: { type: 'Mesh' } });
}

/** What the asker may not discover does not exist, whoever reads it. */
async function onlyDiscoverable(context: Context, facts: AccessFacts[]): Promise<AccessFacts[]> {
  const products = new Map(
    facts.map(({ productId, product, domainId, domain }) => [
      productId,
      { id: productId, name: product, domain_id: domainId, domain },
    ]),
  );
  const visible = new Set((await onlyVisible(context, [...products.values()])).map(({ id }) => id));
  return facts.filter(({ productId }) => visible.has(productId));
}

function pathsOf(facts: AccessFacts, { reader, domainIds }: Subject, now: Date): AccessPath[] {
  const through = new Set(reader.domains.filter(({ id }) => domainIds.includes(id)).map(({ name }) => name));
  return plansOf(facts, reader, now)
    .filter(({ via }) => via.kind === 'elevation' || through.has(via.domain))
    .flatMap((plan) => pathOf(plan, facts) ?? []);
}
