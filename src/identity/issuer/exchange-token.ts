import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import { isMeshError } from '../../base/errors.ts';
import { authenticate } from '../authenticate.ts';
import type { Caller, TokenScope } from '../caller.ts';
import type { Parts } from '../context.ts';
import { hashSecret } from '../secret.ts';
import { GRANTS } from './clients.ts';
import { stateOf } from './issuer-state.ts';
import { scopesOf } from './store.ts';

const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
const JWT = 'urn:ietf:params:oauth:token-type:jwt';

export const EXCHANGE_PARAMETERS = [
  'subject_token',
  'subject_token_type',
  'actor_token',
  'actor_token_type',
  'requested_token_type',
  'audience',
  'scope',
];

/** What is given when nothing is asked for: a program that acts for somebody reads. */
const USUAL: TokenScope[] = ['read', 'query'];

/**
 * Token exchange (RFC 8693): a service account shows a person's token and gets one of its own, which speaks
 * for the person and names the service account as the one who acts (§4.1). It carries no more than both:
 * what the person's token may and what the service account's own token may.
 */
export function exchangeToken(parts: Parts, provider: Provider) {
  return async (ctx: KoaContextWithOIDC): Promise<void> => {
    const { errors } = await import('oidc-provider');
    const refuse = (text: string) => new errors.InvalidRequest(text);
    const given = ctx.oidc.params as Record<string, string | undefined>;
    const { shown } = stateOf(ctx);
    const client = ctx.oidc.client;
    if (shown === undefined || client === undefined)
      throw new errors.InvalidClient('a service account is needed');
    if (given['subject_token'] === undefined) throw refuse('subject_token is missing');
    if (![ACCESS_TOKEN, JWT].includes(given['subject_token_type'] ?? ''))
      throw refuse('subject_token_type must be that of an access token or a JWT');
    if (given['actor_token'] !== undefined)
      throw refuse('the one who acts is the client: leave actor_token out');
    if (![undefined, ACCESS_TOKEN].includes(given['requested_token_type']))
      throw refuse('only access tokens are given');
    const subject = await subjectOf(parts, given['subject_token']);
    if (subject === null) throw refuse('the subject_token does not count, or is nobody’s own');
    const may = subject.scopes.filter((scope) => shown.scopes.includes(scope));
    const asked =
      given['scope'] === undefined ? USUAL.filter((one) => may.includes(one)) : scopesOf(given['scope']);
    const missing = asked.find((scope) => !may.includes(scope));
    if (missing !== undefined || asked.length === 0)
      throw new errors.InvalidScope('not all of it may be given', missing ?? given['scope'] ?? '');
    stateOf(ctx).links = {
      act: { sub: shown.principalId, name: client.clientId },
      tokens: [shown.tokenId, ...(subject.tokenId.startsWith('tok_') ? [subject.tokenId] : [])],
      ...(subject.isIssued ? { subject: hashSecret(given['subject_token']) } : {}),
    };
    const token = new provider.AccessToken({
      accountId: subject.id,
      client,
      gty: GRANTS.exchange,
      scope: asked.join(' '),
    } as ConstructorParameters<typeof provider.AccessToken>[0]);
    ctx.body = {
      access_token: await token.save(),
      issued_token_type: ACCESS_TOKEN,
      token_type: 'Bearer',
      expires_in: token.expiration,
      scope: asked.join(' '),
    };
  };
}

/** The person whose token it is; null for service accounts, and for tokens that were exchanged already. */
async function subjectOf(parts: Parts, secret: string): Promise<(Caller & { isIssued: boolean }) | null> {
  try {
    const caller = await authenticate(parts, secret);
    if (caller.kind !== 'person' || caller.actor !== undefined) return null;
    return { ...caller, isIssued: caller.tokenId.startsWith('AccessToken ') };
  } catch (error) {
    if (isMeshError(error)) return null;
    throw error;
  }
}
