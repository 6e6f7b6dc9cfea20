import type { Problem } from '../base/errors.ts';
import { meant } from '../contracts/suggest.ts';
import { ROLES } from '../policy/action.ts';
import { splitPolicies } from '../policy/cedar.ts';
import { namesIn, type PolicyName } from '../policy/policy-names.ts';
import { placeOf } from '../policy/row-filter-lex.ts';
import type { DeclaredPolicy, MeshDeclaration } from './declaration.ts';
import type { Names } from './names-in-reach.ts';

/**
 * Policies that can never match, since what they name is not there, and permits that give nothing. Cedar takes
 * both: a `forbid` for a misspelt domain would pass by in silence. A warning, for what is named may come later.
 */
export function warnOfPolicies({ mesh, domains }: MeshDeclaration, names: Names): Problem[] {
  // Who applies one domain may not know of the others: none is proposed.
  const known: Known = { names, proposed: mesh === null ? [] : [...names.domains] };
  const everywhere = [...(mesh?.policies ?? [])].flatMap((policy) => warn(policy, known, null));
  const ofDomains = domains.flatMap(({ name, access, products }) =>
    [...access, ...products.flatMap((product) => product.access)].flatMap((policy) =>
      warn(policy, known, name),
    ),
  );
  return [...everywhere, ...ofDomains];
}

interface Known {
  names: Names;
  /** Domains that may be meant. */
  proposed: string[];
}

function warn({ file, text }: DeclaredPolicy, known: Known, domain: string | null): Problem[] {
  const unknown = namesIn(text).flatMap((named) => {
    const message = fault(named, known, domain);
    return message === null ? [] : [{ message, place: `${file}:${named.place}` }];
  });
  const idle = (splitPolicies(text) ?? [])
    .filter(({ effect, actions }) => effect === 'permit' && actions?.includes('product.read') === true)
    .map((part) => ({
      message:
        'permitting product.read gives nobody data: who reads is a member of the domain or has a subscription, and those may read already; permit product.subscribe beside the product, or write a grant',
      place: `${file}:${placeOf(text, Math.max(0, text.indexOf(part.text)))}`,
    }));
  return [...unknown, ...idle];
}

/** Beside a domain's own products no others are looked for: they may be hidden from whoever writes the policy. */
function fault({ type, name }: PolicyName, { names, proposed }: Known, domain: string | null): string | null {
  if (type === 'Domain') return names.domains.has(name) ? null : missing('domain', name, proposed);
  if (type === 'Role') return roleFault(name, { names, proposed });
  if (domain !== null && !name.startsWith(`${domain}.`)) return null;
  const products = [...names.products.keys()].filter(
    (key) => !key.includes('@') && (domain === null || key.startsWith(`${domain}.`)),
  );
  return products.includes(name) ? null : missing('product', name, products);
}

function roleFault(name: string, { names, proposed }: Known): string | null {
  if (name === 'administrator') return null;
  const [domain = '', role] = name.split('/');
  const roles = Object.keys(ROLES);
  if (role === undefined)
    return `there is no role ${name}: a role is written DOMAIN/ROLE, or administrator${meant(name, ['administrator'])}`;
  if (!names.domains.has(domain)) return missing('domain', domain, proposed);
  return roles.includes(role) ? null : missing('role', role, roles);
}

function missing(what: string, name: string, candidates: string[]): string {
  return `there is no ${what} ${name}, so the policy never matches by it${meant(name, candidates)}`;
}
