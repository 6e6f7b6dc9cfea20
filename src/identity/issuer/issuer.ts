import type { Configuration, KoaContextWithOIDC, Provider } from 'oidc-provider';
import { LIMITS } from '../../base/limits.ts';
import type { Parts } from '../context.ts';
import { findAnybody } from '../store.ts';
import { adapterFor } from './adapter.ts';
import { GRANTS, ISSUER_SCOPES, secretFits } from './clients.ts';
import { errorPage } from './error-page.ts';
import { exchangeToken, EXCHANGE_PARAMETERS } from './exchange-token.ts';
import { cookieKeys, type IssuerKey, openKeys } from './keys.ts';
import { stateOf } from './issuer-state.ts';
import { scopesOf } from './store.ts';

export const ISSUER_PATHS = {
  authorization: '/oauth/auth',
  token: '/oauth/token',
  revocation: '/oauth/revoke',
  introspection: '/oauth/introspect',
  userinfo: '/oauth/userinfo',
  jwks: '/oauth/jwks',
  device_authorization: '/oauth/device_authorization',
  code_verification: '/oauth/device',
  end_session: '/oauth/end_session',
} as const;

/** The page where a person agrees to what an application asks for. */
export const consentPath = (uid: string) => `/oauth/consent/${uid}`;

/** How long the list of keys is not read again: another server may have changed it. */
const KEYS_MS = 60_000;

/** The issuer of this mesh, built when somebody first asks for it, and anew when its keys change. */
export class Issuer {
  readonly #parts: Parts;
  readonly #url: () => string;
  #built: { provider: Promise<Provider>; keys: string; lookedAt: number } | null = null;

  constructor(parts: Parts, url: () => string) {
    this.#parts = parts;
    this.#url = url;
  }

  async provider(): Promise<Provider> {
    const now = this.#parts.clock.now().getTime();
    if (this.#built !== null && now - this.#built.lookedAt < KEYS_MS) return this.#built.provider;
    const keys = await openKeys(this.#parts);
    const names = keys.map(({ id }) => id).join(' ');
    if (this.#built?.keys === names) this.#built.lookedAt = now;
    else
      this.#built = { provider: buildProvider(this.#parts, this.#url(), keys), keys: names, lookedAt: now };
    return this.#built.provider;
  }

  /** Other keys count from the next request on. */
  forgetKeys(): void {
    this.#built = null;
  }
}

/** The package is large: it is loaded here and nowhere else. */
async function buildProvider(parts: Parts, url: string, keys: IssuerKey[]): Promise<Provider> {
  const { Provider: Issuing } = await import('oidc-provider');
  const provider = new Issuing(url, configurationOf(parts, keys));
  // The addresses in its answers are made of these headers, which `bind-issuer.ts` sets itself.
  provider.proxy = true;
  provider.silent = true;
  provider.on('server_error', (_ctx, error) => parts.log.error({ err: error }, 'issuer'));
  provider.Client.prototype.compareClientSecret = async function compare(secret: string) {
    const shown = await secretFits(parts, this.clientId, secret);
    if (shown === null) return false;
    stateOf(Issuing.ctx).shown = shown;
    return true;
  };
  provider.registerGrantType(GRANTS.exchange, exchangeToken(parts, provider), EXCHANGE_PARAMETERS);
  return provider;
}

function configurationOf(parts: Parts, keys: IssuerKey[]): Configuration {
  return {
    adapter: (kind: string) => adapterFor(parts, kind),
    jwks: { keys: keys.map(({ jwk }) => jwk) },
    cookies: { keys: cookieKeys(keys) },
    routes: ISSUER_PATHS,
    scopes: ISSUER_SCOPES,
    claims: { openid: ['sub'], profile: ['name'], email: ['email'] },
    responseTypes: ['code'],
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'none'],
    pkce: { required: () => true },
    enabledJWA: { idTokenSigningAlgValues: ['ES256'] },
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    clientBasedCORS: () => false,
    findAccount: (_ctx, id) => findAccount(parts, id),
    interactions: { url: (_ctx, interaction) => consentPath(interaction.uid) },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      deviceFlow: {
        enabled: true,
        deviceInfo: (ctx) => ({ address: ctx.ip, device: ctx.get('user-agent') }),
      },
      // Whoever holds a token and proves to be a service account may ask what it is.
      introspection: { enabled: true, allowedPolicy: (_ctx, client) => client.clientAuthMethod !== 'none' },
      revocation: {
        enabled: true,
        allowedPolicy: (_ctx, client, token) => token.clientId === client.clientId,
      },
      rpInitiatedLogout: { enabled: false },
      resourceIndicators: { enabled: false },
    },
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed(GRANTS.refresh),
    rotateRefreshToken: true,
    expiresWithSession: async () => false,
    extraTokenClaims: async (ctx, token) => linksOf(ctx, token),
    renderError: (ctx, out) => {
      ctx.type = 'html';
      ctx.body = errorPage(out.error, out.error_description);
    },
    ttl: {
      AccessToken: (_ctx, token) =>
        token.gty === GRANTS.exchange ? LIMITS.exchangedTokenSeconds : LIMITS.accessTokenSeconds,
      ClientCredentials: LIMITS.accessTokenSeconds,
      AuthorizationCode: 60,
      DeviceCode: LIMITS.interactionSeconds,
      Interaction: LIMITS.interactionSeconds,
      Session: LIMITS.interactionSeconds,
      IdToken: LIMITS.accessTokenSeconds,
      RefreshToken: LIMITS.refreshTokenSeconds,
      Grant: LIMITS.issuerGrantSeconds,
    },
  };
}

/** A token of a service account itself hangs on the API token it showed, and carries no more than that. */
function linksOf(ctx: KoaContextWithOIDC, token: { kind: string; scope?: string }) {
  const { shown, links } = stateOf(ctx);
  if (links !== undefined) return links as Record<string, unknown>;
  if (token.kind !== 'ClientCredentials' || shown === undefined) return undefined;
  const asked = token.scope === undefined ? shown.scopes : scopesOf(token.scope);
  // For the answer; what is stored was picked before, and takes the scope from the links.
  token.scope = asked.filter((scope) => shown.scopes.includes(scope)).join(' ');
  return { principal: shown.principalId, tokens: [shown.tokenId], scope: token.scope };
}

async function findAccount(parts: Parts, id: string) {
  const person = await findAnybody(parts.database.reader, id);
  if (person === undefined) return undefined;
  return {
    accountId: id,
    claims: () => ({ sub: id, name: person.name, ...(person.email === null ? {} : { email: person.email }) }),
  };
}
