import type { AdapterPayload } from 'oidc-provider';
import type { Parts } from '../context.ts';
import { TOKEN_SCOPES } from '../caller.ts';
import { hashSecret } from '../secret.ts';
import { findCaller } from '../store.ts';
import { findApplication, findServiceByName } from './store.ts';

export const CLI_CLIENT = 'crossdock-cli';

export const GRANTS = {
  code: 'authorization_code',
  refresh: 'refresh_token',
  device: 'urn:ietf:params:oauth:grant-type:device_code',
  client: 'client_credentials',
  exchange: 'urn:ietf:params:oauth:grant-type:token-exchange',
} as const;

/** Scopes of the mesh, and those of OpenID Connect for whoever only wants to know who somebody is. */
export const ISSUER_SCOPES = ['openid', 'profile', 'email', 'offline_access', ...TOKEN_SCOPES];

/**
 * A client of the issuer: the command line, an application that an administrator registered, or a service
 * account by `domain/name`. None is registered by itself.
 */
export async function findClient(
  parts: Parts,
  id: string,
  inHeader: boolean,
): Promise<AdapterPayload | undefined> {
  if (id === CLI_CLIENT) return commandLine();
  if (id.startsWith('app_')) return applicationClient(parts, id);
  if (/^[^/]+\/[^/]+$/.test(id)) return serviceClient(parts, id, inHeader);
  return undefined;
}

const commandLine = () => ({
  client_id: CLI_CLIENT,
  client_name: 'Crossdock command line',
  application_type: 'native' as const,
  token_endpoint_auth_method: 'none' as const,
  grant_types: [GRANTS.device, GRANTS.refresh],
  response_types: [],
  redirect_uris: [],
  scope: ISSUER_SCOPES.join(' '),
});

async function applicationClient(parts: Parts, id: string): Promise<AdapterPayload | undefined> {
  const row = await findApplication(parts.database.reader, id);
  if (row === undefined) return undefined;
  const isLocal = row.redirect_uris.every((uri) => uri.startsWith('http://'));
  return {
    client_id: id,
    client_name: row.name,
    application_type: isLocal ? 'native' : 'web',
    token_endpoint_auth_method: 'none',
    grant_types: [GRANTS.code, GRANTS.refresh],
    response_types: ['code'],
    redirect_uris: row.redirect_uris,
    scope: ISSUER_SCOPES.join(' '),
  };
}

async function serviceClient(
  parts: Parts,
  id: string,
  inHeader: boolean,
): Promise<AdapterPayload | undefined> {
  const service = await findServiceByName(parts.database.reader, id);
  if (service === undefined) return undefined;
  return {
    client_id: id,
    client_name: id,
    // Compared by `secretFits`: its secrets are its API tokens.
    client_secret: 'kept as a hash',
    token_endpoint_auth_method: inHeader ? 'client_secret_basic' : 'client_secret_post',
    grant_types: [GRANTS.client, GRANTS.exchange],
    response_types: [],
    redirect_uris: [],
    scope: TOKEN_SCOPES.join(' '),
  };
}

/** The API token that a service account showed as its secret, or null. */
export async function secretFits(parts: Parts, clientId: string, secret: string) {
  const { database, clock } = parts;
  const service = await findServiceByName(database.reader, clientId);
  const caller = await findCaller(database.reader, hashSecret(secret), clock.now());
  if (service === undefined || caller?.id !== service.id) return null;
  return { principalId: caller.id, tokenId: caller.tokenId, scopes: caller.scopes };
}

export type ShownToken = NonNullable<Awaited<ReturnType<typeof secretFits>>>;
