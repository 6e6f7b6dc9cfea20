/**
 * Argon2id as OWASP's Password Storage Cheat Sheet asks for at least: 19 MiB, two passes, one lane. About
 * 15 ms, on a thread of its own.
 */
const PARAMETERS = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** Loaded with the first password: a start does not wait for it. */
const load = () => import('@node-rs/argon2');

/** One text however a keyboard writes it (NIST SP 800-63B §3.1.1.2). */
const normal = (password: string) => password.normalize('NFKC');

export async function hashPassword(password: string): Promise<string> {
  const { hash } = await load();
  return hash(normal(password), PARAMETERS);
}

let nobodys: Promise<string> | undefined;

/**
 * Whether the password is the one that was hashed. Without a hash, because there is no such person or no
 * password, the answer is no after the same work: its time does not tell who is known.
 */
export async function verifyPassword(hash: string | undefined, password: string): Promise<boolean> {
  const { verify } = await load();
  nobodys ??= hashPassword('nobody’s');
  const compared = await nobodys;
  const fits = await verify(hash ?? compared, normal(password));
  return hash !== undefined && fits;
}
