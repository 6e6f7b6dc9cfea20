import type { Finding } from '../contracts/finding.ts';
import type { Path } from '../contracts/parse-document.ts';
import { VARIABLE_NAME } from '../contracts/variables.ts';
import { readRestrictions } from '../policy/restriction.ts';
import { readVocabulary } from '../policy/tag-vocabulary.ts';
import { parseProductName } from '../products/product-name.ts';
import { EMPTY_FORM, formFaults } from '../subscriptions/forms/request-form.ts';
import type { DomainDocument, GrantsDocument, MeshDocument, NamedPeople } from './documents.ts';
import { nameFault } from './names.ts';

/** PostgreSQL's jsonb holds neither the character NUL nor half of a surrogate pair (its manual, 8.14). */
export function findUnfitText(document: unknown): Finding[] {
  const findings: Finding[] = [];
  const walk = (value: unknown, path: Path): void => {
    if (typeof value === 'string' && (value.includes('\0') || !value.isWellFormed())) {
      findings.push({ path, message: 'holds a character that cannot be stored (NUL or half a character)' });
    } else if (value !== null && typeof value === 'object') {
      for (const [key, item] of Object.entries(value))
        walk(item, [...path, Array.isArray(value) ? Number(key) : key]);
    }
  };
  walk(document, []);
  return findings;
}

export function findMeshFaults(mesh: MeshDocument): Finding[] {
  const findings = nameFault('the mesh name', mesh.name, ['name']);
  for (const { message, pointer = '' } of readVocabulary(mesh.tags).problems) {
    findings.push({ path: ['tags', ...pathOf(pointer)], message });
  }
  for (const part of ['domains', 'people'] as const) {
    for (const [holder, attributes] of Object.entries(mesh.attributes?.[part] ?? {})) {
      for (const key of Object.keys(attributes)) {
        if (!/^[a-z][a-z0-9_]{0,62}$/.test(key)) {
          const message = `the attribute ${key} must start with a-z and hold only a-z, 0-9 and _`;
          findings.push({ path: ['attributes', part, holder, key], at: 'key', message });
        }
      }
    }
  }
  const asked = formFaults(mesh.requests ?? {}, EMPTY_FORM).map((one) => ({
    ...one,
    path: ['requests', ...one.path],
  }));
  return [
    ...findings,
    ...asked,
    ...findPeopleFaults(mesh.privacy?.approvers, ['privacy', 'approvers']),
    ...findPeopleFaults(mesh.breakGlass?.people, ['breakGlass', 'people']),
  ];
}

function findPeopleFaults(named: NamedPeople[] = [], path: Path): Finding[] {
  return named.flatMap(({ person, domain, role }, index): Finding[] => {
    const isPerson = person !== undefined && domain === undefined && role === undefined;
    const isRole = person === undefined && domain !== undefined;
    if (isPerson || isRole) return [];
    const message = 'is either a `person` (e-mail address), or a `domain` and a `role` in it';
    return [{ path: [...path, index], message }];
  });
}

export function findMemberFaults({ members = [], subscriptions = [] }: DomainDocument): Finding[] {
  const seen = new Set<string>();
  const findings = members.flatMap(({ person, service }, index): Finding[] => {
    const path = ['members', index];
    if ((person === undefined) === (service === undefined)) {
      return [{ path, message: 'a member is either a `person` (e-mail address) or a `service` (name)' }];
    }
    const key = person?.toLowerCase() ?? `service ${service}`;
    if (seen.has(key)) return [{ path, message: `${person ?? service} stands twice: a member has one role` }];
    seen.add(key);
    return service === undefined ? [] : nameFault('the service', service, [...path, 'service']);
  });
  return [...findings, ...findSubscriptionFaults(subscriptions)];
}

/** Names that a reference in a contract can write. */
export function findVariableFaults({ variables = {} }: DomainDocument): Finding[] {
  return Object.keys(variables)
    .filter((name) => !VARIABLE_NAME.test(name))
    .map((name) => ({
      path: ['variables', name],
      at: 'key',
      message: `${name} is no name of a variable: letters, digits and \`_\`, not beginning with a digit`,
    }));
}

function findSubscriptionFaults(subscriptions: NonNullable<DomainDocument['subscriptions']>): Finding[] {
  const seen = new Set<string>();
  return subscriptions.flatMap(({ product, purpose }, index): Finding[] => {
    const path = ['subscriptions', index];
    if (parseProductName(product) === null) {
      const message = `${product} must be written as domain.product or domain.product@major`;
      return [{ path: [...path, 'product'], message }];
    }
    const key = JSON.stringify([product, purpose]);
    if (seen.has(key))
      return [{ path, message: `the subscription to ${product} for this purpose stands twice` }];
    seen.add(key);
    return [];
  });
}

export function findGrantFaults({ grants }: GrantsDocument): Finding[] {
  const seen = new Set<string>();
  return grants.flatMap(({ domain, purpose }, index): Finding[] => {
    const key = JSON.stringify([domain, purpose]);
    if (seen.has(key)) {
      return [{ path: ['grants', index], message: `the grant to ${domain} for this purpose stands twice` }];
    }
    seen.add(key);
    return [];
  });
}

/** Restrictions have their own reader; its pointers become places of this document. */
export function findRestrictionFaults(document: { restrictions?: unknown[] | undefined }): Finding[] {
  const { problems } = readRestrictions(document.restrictions ?? []);
  return problems.map(({ message, pointer = '' }) => ({
    path: ['restrictions', ...pathOf(pointer)],
    message,
  }));
}

/** RFC 6901. */
export function pathOf(pointer: string): Path {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}
