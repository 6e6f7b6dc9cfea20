import type { PGlite } from '@electric-sql/pglite';
import {
  type CompiledQuery,
  type DatabaseConnection,
  type DatabaseIntrospector,
  type Driver,
  type Kysely,
  PGliteDialect,
  type QueryResult,
} from 'kysely';
import { OwnTables } from './own-tables.ts';
import { PreparedStatements } from './prepared-statements.ts';

/**
 * Kysely's own dialect gives every caller the one connection at once: a query from elsewhere would run inside
 * whatever transaction is open. Here a connection is held by one caller at a time, in order of arrival, and
 * statements keep their plans.
 */
export class ExclusivePGliteDialect extends PGliteDialect {
  readonly #pglite: PGlite;

  constructor(pglite: PGlite) {
    super({ pglite });
    this.#pglite = pglite;
  }

  override createIntrospector(reader: Kysely<unknown>): DatabaseIntrospector {
    return new OwnTables(reader);
  }

  override createDriver(): Driver {
    return takeTurns(keepPlans(super.createDriver(), new PreparedStatements(this.#pglite)));
  }
}

function keepPlans(driver: Driver, statements: PreparedStatements): Driver {
  const begin = driver.beginTransaction.bind(driver);
  const acquire = driver.acquireConnection.bind(driver);
  const inTransaction = new WeakSet<DatabaseConnection>();
  const keeping = new WeakSet<DatabaseConnection>();

  driver.acquireConnection = async (options) => {
    const connection = await acquire(options);
    if (keeping.has(connection)) return connection;
    keeping.add(connection);
    const plain = connection.executeQuery.bind(connection);
    connection.executeQuery = async <Row>(query: CompiledQuery, more?: Parameters<typeof plain>[1]) => {
      if (!statements.isWorth(query.sql)) return plain<Row>(query, more);
      const run = inTransaction.has(connection) ? 'runInside' : 'run';
      const { rows, affectedRows } = await statements[run](query.sql, query.parameters);
      const counted = affectedRows === undefined ? {} : { numAffectedRows: BigInt(affectedRows) };
      return { rows: rows as Row[], ...counted } satisfies QueryResult<Row>;
    };
    return connection;
  };
  driver.beginTransaction = async (connection, settings) => {
    await begin(connection, settings);
    inTransaction.add(connection);
  };
  for (const end of ['commitTransaction', 'rollbackTransaction'] as const) {
    const ending = driver[end].bind(driver);
    driver[end] = async (connection) => {
      inTransaction.delete(connection);
      await ending(connection);
    };
  }
  return driver;
}

function takeTurns(driver: Driver): Driver {
  let lastTurn: Promise<void> = Promise.resolve();
  const endTurn = new Map<DatabaseConnection, () => void>();
  const acquire = driver.acquireConnection.bind(driver);
  const release = driver.releaseConnection.bind(driver);

  driver.acquireConnection = async (options) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const before = lastTurn;
    lastTurn = promise;
    await before;
    try {
      const connection = await acquire(options);
      endTurn.set(connection, resolve);
      return connection;
    } catch (error) {
      resolve();
      throw error;
    }
  };
  driver.releaseConnection = async (connection, options) => {
    await release(connection, options);
    endTurn.get(connection)?.();
  };
  return driver;
}
