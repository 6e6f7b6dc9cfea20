import type { Verdict } from '../products/publication.ts';
import type { ProductStatus } from '../store/schema.ts';
import type { Item } from './change.ts';
import type { DeclaredDataset, DeclaredGrant, DeclaredPolicy, DeclaredProduct } from './declaration.ts';
import type { RestrictionItem } from './plan-restrictions.ts';
import type { Input } from './resolve-inputs.ts';
import type { DatasetState, ProductState } from './state.ts';

export interface PolicyState {
  name: string;
  text: string;
}
export type PolicyItem = Item<DeclaredPolicy, PolicyState>;

export interface DatasetItem extends Item<DeclaredDataset, DatasetState> {
  inputs: Input[];
  /** Whether its rows could now be others. */
  meaning: boolean;
}

export interface Approval {
  requestId: string;
  consumer: string;
  purpose: string;
  grant: DeclaredGrant;
}

/** What an apply does to a product and to everything in its folder. */
export interface ProductPlan extends Item<DeclaredProduct, ProductState> {
  /** Majors before it that are served still: this one comes to stand beside them. */
  older: ProductState[];
  /** All majors but this one that were ever offered. */
  majors: ProductState[];
  /** The state it comes to. */
  status: ProductStatus;
  /** Whether it is offered, anew or in a new version. */
  publish: boolean;
  /** Whether who may use it, or what of it, changes: more than an engineer may decide. */
  rules: boolean;
  access: PolicyItem[];
  restrictions: RestrictionItem[];
  datasets: DatasetItem[];
  /** Requests that its grants approve. */
  approvals: Approval[];
  /** What its offer changes for consumers, with everything that forbids it; null where nothing is offered. */
  verdict: Verdict | null;
}
