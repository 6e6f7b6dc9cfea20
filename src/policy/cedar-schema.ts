import { ACTIONS, PUBLICATION_FACTS } from './action.ts';

/**
 * The schema of the mesh in Cedar's language. Attributes of people, their claims, and tags of domains, products
 * and datasets, are Cedar tags: `resource.hasTag("confidentiality") && resource.getTag("confidentiality").contains("internal")`.
 * What is optional is not known to every decision, and Cedar makes policies ask for it by `has`.
 * Actions come from the one list of actions, so that the two cannot disagree.
 */
export const CEDAR_SCHEMA = `
entity Mesh;
entity Role;
entity Domain in [Mesh] {
  owners: Role,
  stewards: Role,
  engineers: Role,
  analysts: Role,
} tags Set<String>;
entity Claims tags Set<String>;
entity Person, ServiceAccount in [Domain, Role] {
  roles: Set<String>,
  groups: Set<String>,
  claims: Claims,
} tags Set<String>;
entity Product in [Domain] { domain: Domain, status: String, classification?: String } tags Set<String>;
entity Dataset in [Product] {
  domain: Domain,
  product: Product,
  status: String,
  classification?: String,
} tags Set<String>;
entity Subscription in [Product] {
  domain: Domain,
  product: Product,
  consumer: Domain,
  privacyRoles: Set<Role>,
  privacyPeople: Set<Person>,
};
entity Source in [Domain] { domain: Domain };

type Request = {
  now: datetime,
  agent: Bool,
  door?: String,
  network?: ipaddr,
  purpose?: String,
  subscription?: { domain: Domain, purpose: String },
  elevation?: { named: Bool, allowed: Bool },
  delegation?: { id: String },
  publication?: { ${Object.entries(PUBLICATION_FACTS)
    .map(([name, type]) => `${name}: ${type}`)
    .join(', ')} },
};

${actionDeclarations()}
`;

function actionDeclarations(): string {
  const resources = new Map<string, string[]>();
  for (const [type, actions] of Object.entries(ACTIONS)) {
    for (const action of actions) resources.set(action, [...(resources.get(action) ?? []), type]);
  }
  return [...resources]
    .map(
      ([action, types]) =>
        `action "${action}" appliesTo { principal: [Person, ServiceAccount], resource: [${types.join(', ')}], context: Request };`,
    )
    .join('\n');
}
