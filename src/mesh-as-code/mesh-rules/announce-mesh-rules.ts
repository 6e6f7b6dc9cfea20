import { concerns } from '../../policy/access-plan.ts';
import type { WrittenRestriction } from '../../policy/restriction.ts';
import { datasetTags, planTags } from '../../policy/dataset-tags.ts';
import { listApproverIds, readNamedPeople } from '../../subscriptions/approval/store.ts';
import { announce } from '../../store/outbox.ts';
import { isChange, isSame } from '../change.ts';
import type { MeshPlan } from '../plan-mesh.ts';
import type { RestrictionItem } from '../plan-restrictions.ts';
import { valuesOf, type Values } from '../values.ts';
import type { Writing } from '../writing.ts';
import { listOwnerIds, listProducers, listTagged } from './store.ts';

/** Changes that an event shows. */
const SHOWN = 20;

interface Told {
  /** `remove restriction mesh/names-stay-secret`. */
  change: string;
  values: Values;
}

const DUTIES = {
  privacy: { list: 'approvers', what: 'who approves the use of personal data' },
  breakGlass: { list: 'people', what: 'who may read in an emergency' },
} as const;
type Duty = keyof typeof DUTIES;

/** Who is named for the duties of mesh.yaml now. */
export async function readDuties({ transaction }: Writing): Promise<Record<Duty, string[]>> {
  const [privacy, breakGlass] = [
    await listApproverIds(transaction, await readNamedPeople(transaction, 'privacy')),
    await listApproverIds(transaction, await readNamedPeople(transaction, 'breakGlass')),
  ];
  return { privacy, breakGlass };
}

/**
 * Rules of the mesh are an administrator's to change, and never unseen: of a policy all producers are told, of a
 * restriction that is taken away or written anew those whose data it was about, of who is named for a duty the
 * former and the new ones and all owners.
 */
export async function announceMeshRules(
  writing: Writing,
  plan: MeshPlan,
  before: Record<Duty, string[]>,
): Promise<void> {
  for (const [domainId, { domain, told }] of await rulesByDomain(writing, plan)) {
    const title = `${writing.context.caller.name} changed rules of the mesh for the data of ${domain}: ${told[0]!.change}`;
    await tell(writing, { domainId, subject: domain, audience: [domainId], title, told });
  }
  const changed = (Object.keys(DUTIES) as Duty[]).filter(
    (duty) => !isSame(namedFor(plan, duty, 'stored'), namedFor(plan, duty, 'declared')),
  );
  if (changed.length === 0 || plan.declared === null) return;
  // An event stands with a domain: what counts in all of them with the first.
  const [domain] = await listProducers(writing.transaction);
  if (domain === undefined) return;
  const owners = await listOwnerIds(writing.transaction);
  const after = await readDuties(writing);
  for (const duty of changed) {
    const values = { from: namedFor(plan, duty, 'stored'), to: namedFor(plan, duty, 'declared') };
    const told = [{ change: `update ${duty} of mesh.yaml`, values }];
    const title = `${writing.context.caller.name} changed ${DUTIES[duty].what}: ${listed(values.from)} -> ${listed(values.to)}`;
    const audience = [...new Set([...before[duty], ...after[duty], ...owners])];
    await tell(writing, { domainId: domain.id, subject: 'mesh', audience, title, told });
  }
}

async function rulesByDomain({ transaction }: Writing, plan: MeshPlan) {
  const byDomain = new Map<string, { domain: string; told: Told[] }>();
  const add = (domainId: string, domain: string, told: Told) => {
    const known = byDomain.get(domainId) ?? { domain, told: [] };
    byDomain.set(domainId, { domain, told: [...known.told, told] });
  };
  const policies = plan.policies.filter(isChange);
  if (policies.length > 0) {
    for (const { id, name } of await listProducers(transaction))
      for (const item of policies) add(id, name, toldOf(item.change, valuesOf(item)));
  }
  // A new one only narrows.
  const restrictions = plan.restrictions.filter((item) => isChange(item) && item.stored !== null);
  const datasets = restrictions.length === 0 ? [] : await listTagged(transaction);
  for (const item of restrictions) {
    const touched = datasets.filter(({ contract, productTags, domainTags, ...dataset }) => {
      const tags = planTags(datasetTags({ contract, productTags, domainTags }));
      return concerns(ruleOf(item), { ...dataset, ...tags });
    });
    for (const [id, [one]] of Map.groupBy(touched, ({ domainId }) => domainId))
      add(id, one!.domain, toldOf(item.change, valuesOf(item)));
  }
  return byDomain;
}

/** What is stored may be broken: then it is taken to be about everything. */
function ruleOf({ stored }: RestrictionItem): Pick<WrittenRestriction, 'appliesTo'> {
  const { appliesTo = {} } = (stored?.document ?? {}) as Partial<WrittenRestriction>;
  return { appliesTo };
}

function toldOf({ action, kind, name }: MeshPlan['change'], values: Values): Told {
  return { change: `${action} ${kind} ${name}`, values };
}

interface Telling {
  domainId: string;
  subject: string;
  audience: string[];
  title: string;
  told: Told[];
}

async function tell({ context, transaction, at }: Writing, { told, ...event }: Telling): Promise<void> {
  await announce(context, transaction, {
    ...{ type: 'mesh.rules-changed', at, productId: null, ...event },
    data: {
      by: context.caller.name,
      changes: told.slice(0, SHOWN).map(({ change, values }) => ({ change, ...values })),
      more: Math.max(0, told.length - SHOWN),
    },
    actor: context.caller.id,
  });
}

/** Who is named for which duty, before and after, for the audit. */
export function dutiesOf(plan: MeshPlan): Values {
  const named = (side: 'declared' | 'stored') => ({
    privacy: namedFor(plan, 'privacy', side),
    breakGlass: namedFor(plan, 'breakGlass', side),
  });
  return { from: named('stored'), to: named('declared') };
}

/** Addresses and `domain/role`, as mesh.yaml names them. */
function namedFor({ declared, stored }: MeshPlan, duty: Duty, side: 'declared' | 'stored'): string[] {
  const document = (side === 'declared' ? declared : stored)?.document as Record<string, unknown> | undefined;
  const list = (document?.[duty] as Record<string, unknown> | undefined)?.[DUTIES[duty].list];
  const named = (list ?? []) as { person?: string; domain?: string; role?: string }[];
  return named.map(({ person, domain, role = 'steward' }) => person ?? `${domain}/${role}`).sort();
}

function listed(names: unknown): string {
  const all = names as string[];
  return all.length === 0 ? 'nobody' : all.join(', ');
}
