import { MeshError } from '../../base/errors.ts';
import type { Parts } from '../context.ts';
import { type Browser, startSession } from '../sessions/start-session.ts';
import { findAnybody } from '../store.ts';
import { admitPerson } from './admit-person.ts';
import { readPerson } from './company-claims.ts';
import type { CompanyProvider } from './provider.ts';

/** What the browser keeps while its person is at the company's provider. */
export interface Begun {
  state: string;
  nonce: string;
  verifier: string;
}

/** Where to send a browser that wants to sign in (authorization code and PKCE, OpenID Connect Core §3.1). */
export async function beginSignIn(
  company: CompanyProvider,
  redirectUri: string,
): Promise<{ url: string; begun: Begun }> {
  const client = await import('openid-client');
  const configuration = await company.configuration();
  const begun = {
    state: client.randomState(),
    nonce: client.randomNonce(),
    verifier: client.randomPKCECodeVerifier(),
  };
  const url = client.buildAuthorizationUrl(configuration, {
    redirect_uri: redirectUri,
    scope: company.settings.scopes,
    state: begun.state,
    nonce: begun.nonce,
    code_challenge: await client.calculatePKCECodeChallenge(begun.verifier),
    code_challenge_method: 'S256',
  });
  return { url: url.href, begun };
}

/**
 * The browser is back: its code becomes an ID token, whose signature, issuer, audience, nonce and times are
 * checked, and its person gets a session.
 * @throws MeshError `auth.company`, `auth.not-admitted`
 */
export async function finishSignIn(
  parts: Parts,
  company: CompanyProvider,
  { address, begun, browser }: { address: URL; begun: Begun; browser: Browser },
): Promise<string> {
  const said = await claimsFor(company, address, begun);
  const person = readPerson(said, company.settings);
  const principalId = await admitPerson(parts, person, browser.requestId);
  if ((await findAnybody(parts.database.reader, principalId)) === undefined)
    throw new MeshError('auth.not-admitted', { detail: 'has left the mesh' });
  const at = parts.clock.now();
  return parts.database.transact((transaction) =>
    startSession(transaction, { principalId, method: 'company', browser, at }),
  );
}

async function claimsFor(company: CompanyProvider, address: URL, begun: Begun) {
  const client = await import('openid-client');
  const configuration = await company.configuration();
  try {
    const tokens = await client.authorizationCodeGrant(configuration, address, {
      pkceCodeVerifier: begun.verifier,
      expectedState: begun.state,
      expectedNonce: begun.nonce,
      idTokenExpected: true,
    });
    const claims = tokens.claims()!;
    const { groupsClaim } = company.settings;
    // Some providers keep groups out of the ID token and tell them when asked.
    if (claims[groupsClaim] !== undefined || configuration.serverMetadata().userinfo_endpoint === undefined)
      return claims;
    const more = await client.fetchUserInfo(configuration, tokens.access_token, claims.sub);
    return { ...more, ...claims };
  } catch (cause) {
    throw new MeshError('auth.company', { detail: String(cause), cause });
  }
}
