/** Everything a principal can be allowed to do. Cedar's schema and the role policies are checked against this list. */
export const ACTIONS = {
  Mesh: ['mesh.administer', 'mesh.audit'],
  Domain: [
    'domain.read',
    'domain.apply',
    'domain.administer',
    'domain.restrict',
    'domain.audit',
    'domain.erase',
    'domain.notify',
  ],
  Product: [
    'product.discover',
    'product.request',
    'product.subscribe',
    'product.elevate',
    'product.read',
    'product.publish',
    'product.run',
    'product.restrict',
    'product.delegate',
  ],
  Dataset: ['product.read'],
  Subscription: [
    'subscription.read',
    'subscription.approve',
    'subscription.approve-privacy',
    'subscription.revoke',
  ],
  Source: ['source.read', 'source.crawl'],
} as const;

export type Action = (typeof ACTIONS)[keyof typeof ACTIONS][number];

/** What a product's own policies may speak about; everything else is the domain's and the mesh's to say. */
export const CONSUMER_ACTIONS: ReadonlySet<string> = new Set<Action>([
  'product.discover',
  'product.request',
  'product.subscribe',
  'product.elevate',
  'product.read',
]);

/**
 * What gives access to a product's data: the producer's to permit, by its roles and the policies beside it. A
 * policy of the mesh may forbid it and never permit it, or whoever runs the mesh could widen what was granted.
 */
export const GIVING_ACTIONS: ReadonlySet<string> = new Set<Action>([
  'product.subscribe',
  'product.delegate',
  'product.elevate',
  'subscription.approve',
]);

/** A role in a domain, and the roles each one includes. */
export const ROLES = {
  owner: ['owner', 'steward', 'engineer', 'analyst'],
  steward: ['steward', 'analyst'],
  engineer: ['engineer', 'analyst'],
  analyst: ['analyst'],
} as const satisfies Record<string, readonly string[]>;

export type Role = keyof typeof ROLES;

export interface Principal {
  id: string;
  kind: 'person' | 'service-account';
  /** Administers the mesh. */
  administrator: boolean;
  /** Memberships; a service account has exactly one domain. */
  roles: { domain: string; role: Role }[];
  /** Set in mesh.yaml; policies read them as tags: `principal.getTag("region").contains("EU")`. */
  attributes: Record<string, string | string[]>;
  /** Groups and claims as the company's identity provider names them; policies: `principal.groups`, `principal.claims`. */
  groups?: string[];
  claims?: Record<string, string | string[]>;
  /** Whether a program acts with the token of a person. */
  agent?: boolean;
}

/** What policies may read of a product, of whatever lies in it, and of subscriptions to it. */
export interface ProductTraits {
  /** Effective: the product's own over those of its domain. */
  tags: Tags;
  status: 'draft' | 'published' | 'deprecated' | 'retired';
}

/** What is acted on, by name, with the facts that policies may read. Tags of domains come with the decision. */
export type Resource =
  | { type: 'Mesh' }
  | { type: 'Domain'; domain: string }
  | ({ type: 'Product'; domain: string; product: string } & ProductTraits)
  /** `datasetTags`: those that hold for the dataset, the ones from above included. */
  | ({ type: 'Dataset'; domain: string; product: string; dataset: string; datasetTags: Tags } & ProductTraits)
  /** `domain` and `product` are the producer's; `consumer` is the subscribing domain. */
  | ({
      type: 'Subscription';
      id: string;
      domain: string;
      product: string;
      consumer: string;
      /** Who approves its use of personal data; absent where it uses none. */
      privacy?: PrivacyApprovers;
    } & ProductTraits)
  | { type: 'Source'; domain: string; source: string };

/** Who approves the use of personal data: roles as `domain/role`, people by id. */
export interface PrivacyApprovers {
  roles: string[];
  people: string[];
}

/** The resources an action can be about. */
export type ResourceOf<A extends Action> = Extract<Resource, { type: ResourceTypeOf<A> }>;

type ResourceTypeOf<A extends Action> = {
  [T in keyof typeof ACTIONS]: A extends (typeof ACTIONS)[T][number] ? T : never;
}[keyof typeof ACTIONS];

/** Tag key to its one value. */
export type Tags = Record<string, string>;

/** Tags of the domains that have any, by name. */
export type DomainTags = ReadonlyMap<string, Tags>;

/** How a request came to the mesh. */
export interface Origin {
  door: string;
  /** IP address of the caller; null for what the mesh does by itself. */
  address: string | null;
}

export interface DecisionContext {
  /** ISO 8601. */
  now: string;
  /** Absent where no request is decided about: who could read, whom to tell of something. */
  origin?: Origin;
  /** What the data is asked for. */
  purpose?: string;
  /** The subscription used, with the consumer domain and the purpose approved. */
  subscription?: { domain: string; purpose: string };
  /** In an emergency: whether the mesh names the person, and whether the producer allows it. */
  elevation?: { named: boolean; allowed: boolean };
  /** The delegation under which a request is decided, found and checked before the question. */
  delegation?: { id: string };
  /** What is to be published, for policies of the mesh about `product.publish`. */
  publication?: PublicationContext;
}

/** The facts of a publication; the Cedar schema declares each of them. */
export type PublicationContext = Record<keyof typeof PUBLICATION_FACTS, string | number | boolean | string[]>;

/** Names and Cedar types of the facts. */
export const PUBLICATION_FACTS = {
  version: 'String',
  major: 'Long',
  newMajor: 'Bool',
  breaking: 'Bool',
  owners: 'Long',
  consumers: 'Long',
  datasets: 'Long',
  columns: 'Long',
  columnsWithoutDescription: 'Long',
  personalColumns: 'Long',
  classifications: 'Set<String>',
  serviceLevels: 'Set<String>',
  tags: 'Set<String>',
  noticeDays: 'Long',
} as const;
