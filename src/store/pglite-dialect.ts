import type { PGlite } from '@electric-sql/pglite';
import { type DatabaseConnection, type Driver, PGliteDialect } from 'kysely';

/**
 * Kysely's own dialect gives every caller the one connection at once: a query from elsewhere would run inside
 * whatever transaction is open. Here a connection is held by one caller at a time, in order of arrival.
 */
export class ExclusivePGliteDialect extends PGliteDialect {
  constructor(pglite: PGlite) {
    super({ pglite });
  }

  override createDriver(): Driver {
    return takeTurns(super.createDriver());
  }
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
