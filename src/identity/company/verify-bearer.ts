import type { JWTPayload, JWTVerifyGetKey } from 'jose';
import { MeshError } from '../../base/errors.ts';
import { type Caller, TOKEN_SCOPES, type TokenScope } from '../caller.ts';
import type { Parts } from '../context.ts';
import { findAnybody } from '../store.ts';
import { admitPerson } from './admit-person.ts';
import { type CompanyPerson, readPerson } from './company-claims.ts';
import { type CompanyProvider, companyOf } from './provider.ts';
import { findKnown } from './store.ts';

/** Signatures by keys that only the provider has: none, and nothing made with a shared secret (RFC 8725 §3.1). */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];
const SKEW_SECONDS = 30;

/** What a token may do that names no scope of ours. */
const USUAL: TokenScope[] = ['read', 'query'];

/** Whether a secret has the form of a JWT (RFC 7515 §3.1). */
export const isJwt = (secret: string) => /^[\w-]+\.[\w-]+\.[\w-]*$/.test(secret);

/**
 * The caller of an access token of the company's provider: its signature, issuer, audience and times are
 * checked here, with each request.
 * @throws MeshError `auth.invalid`, `auth.not-admitted`, `auth.company-unreachable`
 */
export async function authenticateCompanyToken(parts: Parts, token: string): Promise<Caller> {
  const company = companyOf(parts);
  if (company === null || company.settings.audience === null) throw new MeshError('auth.invalid');
  const payload = await verified(parts, company, token);
  const { sub } = payload;
  if (typeof sub !== 'string' || sub === '') throw new MeshError('auth.invalid');
  const person = await personOf(parts, company, { ...payload, sub });
  const principal = await findAnybody(parts.database.reader, await admitPerson(parts, person, 'token'));
  if (principal === undefined) throw new MeshError('auth.invalid');
  return { ...principal, scopes: scopesIn(payload), tokenId: `company ${payload.jti ?? sub}` };
}

/** An access token may leave out what the ID token said: silence is no change. */
async function personOf(
  { database }: Parts,
  { settings }: CompanyProvider,
  payload: JWTPayload & { sub: string },
): Promise<CompanyPerson> {
  const person = readPerson(payload, settings);
  const known = await findKnown(database.reader, person);
  if (known === undefined) return person;
  const groups = payload[settings.groupsClaim] === undefined ? known.groups : person.groups;
  const kept = Object.entries(known.claims).filter(([name]) => settings.keptClaims.includes(name));
  return { ...person, groups, claims: { ...Object.fromEntries(kept), ...person.claims } };
}

async function verified(parts: Parts, company: CompanyProvider, token: string): Promise<JWTPayload> {
  const { errors, jwtVerify } = await import('jose');
  const { issuer, audience } = company.settings;
  const keys = await keysOf(company);
  try {
    const { payload } = await jwtVerify(token, keys, {
      issuer,
      audience: audience ?? '',
      algorithms: ALGORITHMS,
      requiredClaims: ['exp', 'sub'],
      clockTolerance: SKEW_SECONDS,
      currentDate: parts.clock.now(),
    });
    return payload;
  } catch (cause) {
    if (cause instanceof errors.JWKSTimeout) throw new MeshError('auth.company-unreachable', { cause });
    throw new MeshError('auth.invalid', { detail: String(cause) });
  }
}

const keySets = new WeakMap<object, JWTVerifyGetKey>();

/** The provider's keys, read anew when a token names one that is not known yet. */
async function keysOf(company: CompanyProvider): Promise<JWTVerifyGetKey> {
  const { createRemoteJWKSet } = await import('jose');
  const configuration = await company.configuration();
  const known =
    keySets.get(configuration) ??
    createRemoteJWKSet(new URL(configuration.serverMetadata().jwks_uri ?? company.settings.issuer));
  keySets.set(configuration, known);
  return known;
}

/** `scope` (RFC 9068 §2.2.3) or Microsoft's `scp`; scopes of ours, as they are or behind `crossdock.` and the like. */
function scopesIn(payload: JWTPayload): TokenScope[] {
  const said = [payload['scope'], payload['scp']].flat().filter((one) => typeof one === 'string');
  const names = said.flatMap((text) => text.split(' ')).map((name) => /[^.:/]+$/.exec(name)?.[0]);
  const own = TOKEN_SCOPES.filter((scope) => names.includes(scope));
  return own.length === 0 ? USUAL : own;
}
