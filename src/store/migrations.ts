import { type Kysely, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { MeshError } from '../base/errors.ts';
import * as first from './migrations/0001-first.ts';
import * as searchWords from './migrations/0002-search-words.ts';
import * as productMajors from './migrations/0003-product-majors.ts';
import * as bookmarks from './migrations/0005-bookmarks.ts';
import * as lineage from './migrations/0006-lineage.ts';
import * as observations from './migrations/0007-observations.ts';
import * as notifications from './migrations/0008-notifications.ts';
import * as auditChain from './migrations/0009-audit-chain.ts';
import * as incrementalRuns from './migrations/0011-incremental-runs.ts';
import * as contractTests from './migrations/0012-contract-tests.ts';
import * as accessHistory from './migrations/0013-access-history.ts';
import * as runGroups from './migrations/0014-run-groups.ts';
import * as backfills from './migrations/0015-backfills.ts';
import * as domainTags from './migrations/0016-domain-tags.ts';
import * as permissions from './migrations/0017-permissions.ts';
import * as proofs from './migrations/0017-proofs.ts';
import * as proofsDue from './migrations/0017-proofs-due.ts';
import * as erasures from './migrations/0018-erasures.ts';
import * as originOfChanges from './migrations/0018-origin-of-changes.ts';
import * as identity from './migrations/0019-identity.ts';
import * as requests from './migrations/0020-requests.ts';
import * as auditByPerson from './migrations/0021-audit-by-person.ts';
import type { Schema } from './schema.ts';

/** Forward only: a released migration is never edited, the next change is the next file. */
const MIGRATIONS: Record<string, Migration> = {
  '0001-first': first,
  '0002-search-words': searchWords,
  '0003-product-majors': productMajors,
  '0005-bookmarks': bookmarks,
  '0006-lineage': lineage,
  '0007-observations': observations,
  '0008-notifications': notifications,
  '0009-audit-chain': auditChain,
  '0011-incremental-runs': incrementalRuns,
  '0012-contract-tests': contractTests,
  '0013-access-history': accessHistory,
  '0014-run-groups': runGroups,
  '0015-backfills': backfills,
  '0016-domain-tags': domainTags,
  '0017-permissions': permissions,
  '0017-proofs': proofs,
  '0017-proofs-due': proofsDue,
  '0018-erasures': erasures,
  '0018-origin-of-changes': originOfChanges,
  '0019-identity': identity,
  '0020-requests': requests,
  '0021-audit-by-person': auditByPerson,
};

/**
 * Brings the database to this version's form, in one transaction; a second server waits for the first
 * (the migrator's lock). Throws `store.newer` when the database knows migrations that we do not.
 */
export async function migrate(database: Kysely<Schema>, schema: string): Promise<void> {
  await sql`CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public`.execute(database);
  const migrator = new Migrator({
    db: database,
    provider: { getMigrations: async () => MIGRATIONS },
    // Without it the migrator takes another mesh's tables in the same database for ours.
    migrationTableSchema: schema,
  });
  const { error } = await migrator.migrateToLatest();
  if (error === undefined) return;
  const detail = error instanceof Error ? error.message : String(error);
  if (detail.includes('previously executed migration')) throw new MeshError('store.newer', { detail });
  throw new MeshError('internal', { detail: `migration failed: ${detail}`, cause: error });
}
