import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { MeshError } from './errors.ts';

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Keeps secrets that must be used again, encrypted by AES-256-GCM. The first key encrypts, every key
 * decrypts: a sealed text names its key, so keys are rotated by putting a new one in front.
 */
export class SecretBox {
  readonly #keys: Map<string, Buffer>;
  readonly #current: string;

  /** @param keys of 32 bytes each, at least one */
  constructor(keys: Buffer[]) {
    this.#keys = new Map(keys.map((key) => [idOf(key), key]));
    this.#current = this.#keys.keys().next().value ?? '';
  }

  /** `owner` is what the secret belongs to: sealed for one, it cannot be opened as another's. */
  seal(secret: string, owner: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.#key(this.#current), nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(owner));
    const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
    return ['v1', this.#current, Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64')].join(
      '.',
    );
  }

  /** @throws MeshError `secret.key-unknown`, `internal` for a text that was tampered with */
  open(sealed: string, owner: string): string {
    const [, keyId = '', body = ''] = sealed.split('.');
    const bytes = Buffer.from(body, 'base64');
    const nonce = bytes.subarray(0, NONCE_BYTES);
    const decipher = createDecipheriv(ALGORITHM, this.#key(keyId), nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(owner));
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    const text = decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES));
    try {
      return Buffer.concat([text, decipher.final()]).toString('utf8');
    } catch (error) {
      throw new MeshError('internal', { detail: `the sealed secret of ${owner} is damaged`, cause: error });
    }
  }

  /** False for what an older key sealed: seal it again, and that key may go. */
  isCurrent(sealed: string): boolean {
    return sealed.split('.')[1] === this.#current;
  }

  #key(id: string): Buffer {
    const key = this.#keys.get(id);
    if (key === undefined) throw new MeshError('secret.key-unknown', { facts: { key: id } });
    return key;
  }
}

/** Names a key without telling anything of it. */
function idOf(key: Buffer): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 12);
}

/** 32 bytes in hexadecimal or base64; undefined for anything else. */
export function parseSecretKey(text: string): Buffer | undefined {
  const trimmed = text.trim();
  if (/^[0-9a-f]{64}$/i.test(trimmed)) return Buffer.from(trimmed, 'hex');
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed)) return undefined;
  const key = Buffer.from(trimmed, 'base64');
  return key.length === 32 ? key : undefined;
}
