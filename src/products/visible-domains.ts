import { mayCaller, type Question } from '../audit/decisions.ts';
import { recordRefusal } from '../audit/record-change.ts';
import { MeshError } from '../base/errors.ts';
import type { Context } from '../identity/context.ts';
import type { DomainRow, Read } from '../store/schema.ts';
import { readDomain } from './store.ts';
import { listVisibleProducts } from './visible-products.ts';

type Identified = { id: string; name: string };

/** The question whether the caller sees a domain from within: its members and sources. */
export function domainQuestion({ id, name }: Identified): Question<'domain.read'> {
  return {
    action: 'domain.read',
    resource: { type: 'Domain', domain: name },
    scope: { domainId: id },
  };
}

/** Whether a domain exists for the caller: they see it from within, or may discover one of its products. */
export async function seesDomain(context: Context, domain: Identified): Promise<boolean> {
  return (await viewOf(context, domain)) !== null;
}

async function viewOf(context: Context, domain: Identified): Promise<'inside' | 'outside' | null> {
  if (await mayCaller(context, domainQuestion(domain))) return 'inside';
  const { products } = await listVisibleProducts(context, { domain: domain.name, limit: 1 });
  return products.length > 0 ? 'outside' : null;
}

/** A domain that exists for the caller; `isInside` where its members and sources do, too. */
export type VisibleDomain = Read<DomainRow> & { isInside: boolean };

/**
 * A domain by its name, if it exists for the caller.
 * @throws MeshError `not-found`, the same for one that is hidden and one that is not there
 */
export async function readVisibleDomain(context: Context, name: string): Promise<VisibleDomain> {
  const domain = await readDomain(context.database.reader, name);
  const view = await viewOf(context, domain);
  if (view !== null) return { ...domain, isInside: view === 'inside' };
  await recordRefusal(context, {
    action: 'domain.read',
    object: name,
    domainId: domain.id,
    reasons: ['no policy allows domain.read, or to discover one of its products'],
  });
  throw new MeshError('not-found', { facts: { what: `domain ${name}` } });
}
