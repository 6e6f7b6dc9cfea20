import type { Json, NullableTime, Time } from './column-types.ts';

/** Tables of those who sign in. */
export interface IdentityTables {
  passwords: PasswordRow;
  one_time_links: OneTimeLinkRow;
  sign_in_failures: SignInFailureRow;
  sessions: SessionRow;
  applications: ApplicationRow;
  issuer_objects: IssuerObjectRow;
  issuer_keys: IssuerKeyRow;
  company_people: CompanyPersonRow;
  company_memberships: CompanyMembershipRow;
}

export interface PasswordRow {
  principal_id: string;
  /** Argon2id with its parameters, as PHC string. */
  hash: string;
  changed_at: Time;
}

/** A code that counts once: it opens the web signed in, or lets its holder set a password. */
export interface OneTimeLinkRow {
  hash: string;
  principal_id: string;
  purpose: 'enter' | 'password';
  created_at: Time;
  expires_at: Time;
}

/** Failed sign-ins of one person's address or one network address. */
export interface SignInFailureRow {
  subject: string;
  failures: number;
  since: Time;
  locked_until: NullableTime;
}

export type SignInMethod = 'password' | 'link' | 'token' | 'company' | 'demo';

/** Somebody signed in with a browser; the cookie holds a secret, here is its hash. */
export interface SessionRow {
  id: string;
  hash: string;
  principal_id: string;
  method: SignInMethod;
  /** The token it was started with: the session carries its scopes and ends with it. */
  token_id: string | null;
  /** The browser, as it names itself. */
  device: string;
  address: string;
  created_at: Time;
  seen_at: Time;
  expires_at: Time;
  ended_at: NullableTime;
}

/** A program of somebody else's that people let act for them in a browser (authorization code and PKCE). */
export interface ApplicationRow {
  id: string;
  name: string;
  redirect_uris: Json<string[]>;
  created_by: string;
  created_at: Time;
}

/** Something the issuer keeps for a while. */
export interface IssuerObjectRow {
  /** Name of the issuer's model, e.g. `AccessToken`. */
  kind: string;
  /** Of the secret, or of the id, by which it is asked for. */
  hash: string;
  body: Json<Record<string, unknown>>;
  /** Whom a token speaks for, where it is known. */
  principal_id: string | null;
  grant_id: string | null;
  /** Hash of the code that a person types. */
  user_code: string | null;
  /** API tokens it came from: it counts as long as all of them do. */
  token_ids: Json<string[]>;
  /** The access token it was exchanged for. */
  subject_hash: string | null;
  expires_at: Time;
  consumed_at: NullableTime;
}

/** A signing key of the issuer: the private JWK, sealed. */
export interface IssuerKeyRow {
  id: string;
  sealed: string;
  created_at: Time;
}

/** Who a person is to the company's identity provider, and what it said of them last. */
export interface CompanyPersonRow {
  principal_id: string;
  issuer: string;
  subject: string;
  groups: Json<string[]>;
  claims: Json<Record<string, string | string[]>>;
  seen_at: Time;
}

/** A membership that the company's provider gave by groups or claims. */
export interface CompanyMembershipRow {
  domain_id: string;
  principal_id: string;
}
