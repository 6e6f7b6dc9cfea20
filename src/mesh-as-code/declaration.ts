import type { Column } from '../base/data-type.ts';
import type { Contract } from '../contracts/odcs.ts';
import type { Product } from '../contracts/odps.ts';
import type { Path } from '../contracts/parse-document.ts';
import type { ReadSettings } from '../pipelines/pipeline-settings.ts';
import type { WrittenRestriction } from '../policy/restriction.ts';
import type { ProductStatus, Role } from '../store/schema.ts';
import type { GivenAnswers } from '../subscriptions/forms/read-answers.ts';
import type { GrantedAccess } from '../subscriptions/grant.ts';
import type { DomainDocument, MeshDocument, RequestDocument } from './documents.ts';

/** A folder of the mesh as data: what shall be. Nothing in it has touched the store. */
export interface MeshDeclaration {
  /** Null when the folder is that of a domain alone. */
  mesh: DeclaredMesh | null;
  domains: DeclaredDomain[];
}

/** `file:line:column` of a value or key of the document something was declared in. */
export type Place = (path: Path, at?: 'key' | 'value') => string;

export interface DeclaredMesh {
  name: string;
  title: string;
  document: MeshDocument;
  text: string;
  place: Place;
  policies: DeclaredPolicy[];
  restrictions: WrittenRestriction[];
}

export interface DeclaredPolicy {
  /** The file's name, by which reasons call it. */
  name: string;
  /** Its path in the folder. */
  file: string;
  text: string;
}

export interface DeclaredDomain {
  name: string;
  title: string;
  description: string;
  /** As written; everything in the domain inherits them. */
  tags: string[];
  document: DomainDocument;
  text: string;
  place: Place;
  members: DeclaredMember[];
  access: DeclaredPolicy[];
  subscriptions: DeclaredSubscription[];
  restrictions: WrittenRestriction[];
  sources: DeclaredSource[];
  products: DeclaredProduct[];
}

export interface DeclaredMember {
  /** E-mail address in lower case for people, `service NAME` for service accounts. */
  key: string;
  email: string | null;
  name: string;
  role: Role;
}

export interface DeclaredSubscription {
  /** `DOMAIN.PRODUCT`. */
  product: string;
  purpose: string;
  until: string | null;
  answers: GivenAnswers;
  /** Whether the terms are agreed to as they are when it is asked. */
  agreed: boolean;
  place: string;
}

export interface DeclaredSource {
  name: string;
  document: Record<string, unknown>;
  text: string;
}

export interface DeclaredProduct {
  domain: string;
  name: string;
  title: string;
  description: string;
  status: ProductStatus;
  tags: string[];
  version: string;
  major: number;
  /** Last day of the major before, where the product says it (`previousMajorEnds`). */
  previousMajorEnds: string | null;
  document: Product;
  text: string;
  place: Place;
  access: DeclaredPolicy[];
  restrictions: WrittenRestriction[];
  /** Place of the file with the restrictions. */
  restrictionsPlace: Place;
  /** What requests for it are asked, beside what domain and mesh ask. */
  requestForm: RequestDocument;
  requestPlace: Place;
  grants: DeclaredGrant[];
  grantsPlace: Place;
  datasets: DeclaredDataset[];
}

/** A request that is approved beforehand, as the store keeps it. */
export interface DeclaredGrant {
  domain: string;
  purpose: string;
  granted: GrantedAccess;
  /** The last day, or null for no end. */
  until: string | null;
}

export interface DeclaredDataset {
  name: string;
  description: string;
  contract: Contract;
  text: string;
  place: Place;
  version: string;
  columns: Column[];
  sql: DeclaredSql | null;
}

export interface DeclaredSql {
  file: string;
  text: string;
  settings: ReadSettings;
}

/** `sales.sell-out`. */
export function fullName(product: { domain: string; name: string }): string {
  return `${product.domain}.${product.name}`;
}
