import { ACTIONS, PUBLICATION_FACTS } from './action.ts';

/**
 * The schema of the mesh in Cedar's language. Attributes of people, and tags of domains, products and
 * datasets, are Cedar tags: `resource.hasTag("confidentiality") && resource.getTag("confidentiality").contains("internal")`.
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
entity Person, ServiceAccount in [Domain, Role] tags Set<String>;
entity Product in [Domain] { domain: Domain } tags Set<String>;
entity Dataset in [Product] { domain: Domain, product: Product } tags Set<String>;
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
  subscription?: { domain: Domain, purpose: String },
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
