import { z } from 'zod';
import { MeshError } from '../base/errors.ts';
import type { ClientConfig } from '../config.ts';
import { RefusedError } from './api-client.ts';
import { readSavedToken, type SavedLogin, saveToken, whileLocked } from './saved-token.ts';

const CLIENT_ID = 'crossdock-cli';
const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code';
/** RFC 8628 §3.5: between two questions where the server names no time. */
const POLL_MS = 5_000;
/** An access token that ends this soon is renewed first. */
const SOON_MS = 60_000;

const CODE = z.object({
  device_code: z.string(),
  user_code: z.string(),
  verification_uri: z.string(),
  verification_uri_complete: z.string(),
  expires_in: z.number(),
  interval: z.number().optional(),
});

const TOKENS = z.object({ access_token: z.string(), refresh_token: z.string(), expires_in: z.number() });

/** What of the shell a sign-in needs. */
interface Shell {
  config: ClientConfig;
  version: string;
  signal: AbortSignal;
  pollMs?: number;
}

/** Signs in by a code that the person types into a browser, on this machine or any other (RFC 8628). */
export async function loginByDevice(shell: Shell, show: (text: string) => void): Promise<SavedLogin> {
  const scope = 'read query write admin lineage offline_access';
  const asked = await post(shell, '/oauth/device_authorization', { client_id: CLIENT_ID, scope });
  if (!asked.ok) throw refused(asked.body);
  const code = CODE.parse(asked.body);
  show(`Open ${code.verification_uri_complete}\n`);
  show(`(or ${code.verification_uri}, and type ${code.user_code}) and agree there …\n`);
  let waitMs = shell.pollMs ?? (code.interval === undefined ? POLL_MS : code.interval * 1000);
  const until = Date.now() + code.expires_in * 1000;
  while (Date.now() < until && !shell.signal.aborted) {
    await new Promise((resolve) => setTimeout(resolve, waitMs));
    const form = { client_id: CLIENT_ID, grant_type: DEVICE, device_code: code.device_code };
    const answer = await post(shell, '/oauth/token', form);
    if (answer.ok) return loginOf(answer.body);
    const error = String(answer.body['error']);
    if (error === 'slow_down') waitMs += POLL_MS;
    else if (error !== 'authorization_pending') throw refused(answer.body);
  }
  throw new MeshError('cli.login-over');
}

/** The access token of a login, renewed when it is about to end; null when it was ended. */
export async function accessTokenOf(shell: Shell, login: SavedLogin): Promise<string | null> {
  if (!endsSoon(login)) return login.access;
  return whileLocked(shell.config, async () => {
    const now = await readSavedToken(shell.config);
    if (now === null || typeof now === 'string') return now;
    if (!endsSoon(now)) return now.access;
    const form = { client_id: CLIENT_ID, grant_type: 'refresh_token', refresh_token: now.refresh };
    const answer = await post(shell, '/oauth/token', form);
    if (!answer.ok && answer.body['error'] === 'invalid_grant') return null;
    if (!answer.ok) throw refused(answer.body);
    const renewed = loginOf(answer.body);
    await saveToken(shell.config, renewed);
    return renewed.access;
  });
}

/** Tells the issuer that a login is over. */
export async function endLogin(shell: Shell, login: SavedLogin): Promise<void> {
  await post(shell, '/oauth/revoke', { client_id: CLIENT_ID, token: login.refresh });
}

const endsSoon = ({ expiresAt }: SavedLogin) => Date.parse(expiresAt) - Date.now() < SOON_MS;

function loginOf(body: unknown): SavedLogin {
  const { access_token: access, refresh_token: refresh, expires_in: seconds } = TOKENS.parse(body);
  return { access, refresh, expiresAt: new Date(Date.now() + seconds * 1000).toISOString() };
}

interface Answer {
  ok: boolean;
  body: Record<string, unknown>;
}

async function post(shell: Shell, path: string, form: Record<string, string>): Promise<Answer> {
  const { url } = shell.config;
  const response = await fetch(url + path, {
    method: 'POST',
    headers: { accept: 'application/json', 'user-agent': `crossdock-cli/${shell.version}` },
    body: new URLSearchParams(form),
    signal: shell.signal,
  }).catch((cause: unknown) => {
    throw new MeshError('cli.unreachable', { facts: { url }, cause });
  });
  const body = (await response.json().catch(() => ({}))) as Record<string, unknown>;
  return { ok: response.ok, body };
}

/** A refusal of the issuer (RFC 6749 §5.2), or one of the mesh itself. */
function refused(body: Record<string, unknown>): MeshError {
  if (typeof body['code'] === 'string') {
    const title = String(body['title']);
    const fix = String(body['fix'] ?? '');
    return new RefusedError({
      status: Number(body['status']),
      code: body['code'],
      title,
      fix,
      problems: [],
      requestId: '',
    });
  }
  const reason = String(body['error_description'] ?? body['error'] ?? 'no reason given');
  return new MeshError('cli.login-refused', { facts: { reason } });
}
