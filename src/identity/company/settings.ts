import type { Role } from '../../store/schema.ts';

/** The company's OpenID Connect provider, as the operator describes it. */
export interface CompanySettings {
  issuer: string;
  clientId: string;
  clientSecret: string | null;
  /** Whom its access tokens must be for to count here; null: none count. */
  audience: string | null;
  scopes: string;
  /** What the sign-in page calls it. */
  title: string;
  groupsClaim: string;
  /** Claims that policies may read. */
  keptClaims: string[];
  /** Whether an address counts that the provider does not call verified. */
  trustsEmail: boolean;
  rules: RoleRule[];
}

/** Whoever is in the group, or has the claim with this value, is a member of the domain. */
export interface RoleRule {
  group?: string;
  claim?: string;
  value?: string;
  domain: string;
  role: Role;
}
