import { sha256Hex } from '../base/canonical.ts';
import { textsOf } from '../policy/policies.ts';
import { afterCommit, type Database, type Transaction } from '../store/database.ts';
import { insertPolicySet } from './policies/store.ts';

/** Versions that are known to be stored, by database; a mesh has one for each product version in use. */
const storedIn = new WeakMap<Database, Set<string>>();
const STORED_MAX = 10_000;

/** Keeps the texts of the policies that ruled, each once, beside the first row that names their version. */
export async function keepPolicies(
  database: Database,
  transaction: Transaction,
  { version, at }: { version: string; at: Date },
): Promise<void> {
  const stored = storedIn.get(database) ?? new Set();
  storedIn.set(database, stored);
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
