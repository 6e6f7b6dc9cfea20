import { sha256Hex } from '../base/canonical.ts';
import { textsOf } from '../policy/policies.ts';
import { afterCommit, type Transaction } from '../store/database.ts';
import { insertPolicySet } from './policies/store.ts';

/** Versions that this process knows to be stored; a mesh has one for each product version in use. */
const stored = new Set<string>();
const STORED_MAX = 10_000;

/** Keeps the texts of the policies that ruled, each once, beside the first row that names their version. */
export async function keepPolicies(transaction: Transaction, version: string, at: Date): Promise<void> {
  const sources = stored.has(version) ? undefined : textsOf(version);
  if (sources === undefined) return;
  const members = sources.map(({ level, name, text }) => ({ level, name, hash: sha256Hex(text) }));
  const texts = new Map(sources.map(({ text }) => [sha256Hex(text), text]));
  await insertPolicySet(transaction, { version, members, texts, at });
  afterCommit(transaction, () => {
    if (stored.size >= STORED_MAX) stored.clear();
    stored.add(version);
  });
}
