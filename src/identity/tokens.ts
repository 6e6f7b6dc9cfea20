import { newId } from '../base/ids.ts';
import type { Transaction } from '../store/database.ts';
import { TOKEN_SCOPES, type TokenScope } from './caller.ts';
import { hashSecret, newSecret } from './secret.ts';
import { insertToken } from './store.ts';

export interface TokenRequest {
  principalId: string;
  name: string;
  scopes?: TokenScope[];
  at: Date;
  expiresAt: Date | null;
}

/** Makes a token; the secret in the answer is shown once and stored nowhere. */
export async function issueToken(
  transaction: Transaction,
  request: TokenRequest,
): Promise<{ id: string; secret: string }> {
  const secret = newSecret('token');
  const id = newId('tok');
  await insertToken(transaction, {
    id,
    principalId: request.principalId,
    name: request.name,
    hash: hashSecret(secret),
    scopes: request.scopes ?? TOKEN_SCOPES,
    createdAt: request.at,
    expiresAt: request.expiresAt,
  });
  return { id, secret };
}
