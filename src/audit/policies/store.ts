import { json, type Reader, type Transaction } from '../../store/database.ts';

export interface PolicyMember {
  level: string;
  /** A file of the mesh, or the domain or product that it stands beside. */
  name: string;
  /** SHA-256 of the text. */
  hash: string;
}

export interface PolicySetRecord {
  version: string;
  members: PolicyMember[];
  /** By hash. */
  texts: ReadonlyMap<string, string>;
  at: Date;
}

export async function insertPolicySet(transaction: Transaction, record: PolicySetRecord): Promise<void> {
  // In one order: two transactions that keep the same texts do not wait for each other in a circle.
  for (const [hash, text] of [...record.texts].sort(([left], [right]) => (left < right ? -1 : 1))) {
    await transaction
      .insertInto('policy_texts')
      .values({ hash, text })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
  await transaction
    .insertInto('policy_sets')
    .values({ version: record.version, members: json(record.members), seen_at: record.at })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** The policies of a version with their texts; undefined for one that never ruled here. */
export async function findPolicySet(reader: Reader, version: string) {
  const set = await reader
    .selectFrom('policy_sets')
    .select('members')
    .where('version', '=', version)
    .executeTakeFirst();
  if (set === undefined) return undefined;
  const members = set.members as unknown as PolicyMember[];
  const rows = await reader
    .selectFrom('policy_texts')
    .selectAll()
    .where('hash', 'in', members.map(({ hash }) => hash).concat(''))
    .execute();
  const texts = new Map(rows.map(({ hash, text }) => [hash, text]));
  return members.map((member) => ({ ...member, text: texts.get(member.hash) ?? '' }));
}

/** Whether the version ruled in a row that these domains may read; null stands for all. */
export async function hasRuled(
  reader: Reader,
  { version, domainIds }: { version: string; domainIds: string[] | null },
): Promise<boolean> {
  let query = reader.selectFrom('changes').select('id').where('policies', '=', version).limit(1);
  if (domainIds !== null) query = query.where('domain_id', 'in', ['', ...domainIds]);
  return (await query.executeTakeFirst()) !== undefined;
}
