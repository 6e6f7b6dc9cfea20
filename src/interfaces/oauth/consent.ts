import type { Provider } from 'oidc-provider';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { MeshError } from '../../base/errors.ts';
import { TOKEN_SCOPES } from '../../identity/caller.ts';
import type { Context, Parts } from '../../identity/context.ts';
import type { Issuer } from '../../identity/issuer/issuer.ts';
import { recordIdentityChange } from '../../identity/record-identity-change.ts';
import { contextOf } from '../rest/caller.ts';
import { parseBody } from '../rest/session.ts';
import { prepare } from './prepare-request.ts';

type Named = { Params: { uid: string } };

/**
 * Where a person agrees that an application acts for them. The pages are the web app's; they ask here, by the
 * person's session, and the issuer's cookie of this one sign-in says that it began in the same browser.
 */
export function bindConsent(app: FastifyInstance, parts: Parts, issuer: Issuer): void {
  const page = (_request: FastifyRequest, reply: FastifyReply) => reply.sendFile('index.html');
  app.get('/oauth/device', page);
  app.get<Named>('/oauth/consent/:uid', page);
  app.get<Named>('/oauth/consent/:uid/request', async (request, reply) => {
    const context = await sessionContext(parts, request);
    const { client, asked } = await needInteraction(parts, await issuer.provider(), { request, reply });
    void reply.header('cache-control', 'no-store');
    return { client, scopes: given(asked, context) };
  });
  app.post<Named>('/oauth/consent/:uid/decision', async (request, reply) => {
    const context = await sessionContext(parts, request);
    const { allow } = parseBody(z.object({ allow: z.boolean() }), request);
    const provider = await issuer.provider();
    const interaction = await needInteraction(parts, provider, { request, reply });
    const result = allow
      ? await agree(context, provider, interaction)
      : { error: 'access_denied', error_description: 'the person refused' };
    const redirectTo = await provider.interactionResult(request.raw, reply.raw, result, {
      mergeWithLastSubmission: false,
    });
    return { redirectTo };
  });
}

/** People agree in a browser: a token cannot. */
async function sessionContext(parts: Parts, request: FastifyRequest): Promise<Context> {
  const context = await contextOf(parts, request);
  if (context.request.door !== 'web') throw new MeshError('auth.consent');
  return context;
}

interface Exchange {
  request: FastifyRequest<Named>;
  reply: FastifyReply;
}

interface Asked {
  clientId: string;
  client: string;
  asked: string[];
}

async function needInteraction(
  parts: Parts,
  provider: Provider,
  { request, reply }: Exchange,
): Promise<Asked> {
  prepare(parts, request);
  const details = await provider.interactionDetails(request.raw, reply.raw).catch((cause: unknown) => {
    throw new MeshError('auth.consent', { cause });
  });
  const clientId = String(details.params['client_id']);
  const client = await provider.Client.find(clientId);
  if (details.uid !== request.params.uid || client === undefined) throw new MeshError('auth.consent');
  const asked = String(details.params['scope'] ?? '')
    .split(' ')
    .filter(Boolean);
  return { clientId, client: client.clientName ?? clientId, asked };
}

const OF_OPENID = ['openid', 'profile', 'email', 'offline_access'];

/** What was asked for, as far as the session of whoever agrees carries it. */
function given(asked: string[], { caller }: Context): string[] {
  const may = [...OF_OPENID, ...TOKEN_SCOPES.filter((scope) => caller.scopes.includes(scope))];
  return asked.filter((scope) => may.includes(scope));
}

async function agree(context: Context, provider: Provider, { clientId, asked }: Asked) {
  const { caller, database } = context;
  const scopes = given(asked, context);
  const grant = new provider.Grant({ accountId: caller.id, clientId });
  grant.addOIDCScope(scopes.join(' '));
  const refused = asked.filter((scope) => !scopes.includes(scope));
  if (refused.length > 0) grant.rejectOIDCScope(refused.join(' '));
  const grantId = await grant.save();
  await database.transact((transaction) =>
    recordIdentityChange(context, transaction, {
      action: 'application.allow',
      object: clientId,
      facts: { scopes },
    }),
  );
  return { login: { accountId: caller.id, remember: false }, consent: { grantId } };
}
