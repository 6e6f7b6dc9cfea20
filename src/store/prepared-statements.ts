import { parse, protocol, type PGlite, type Results } from '@electric-sql/pglite';

/** Plans take memory; a mesh asks some hundred different things again and again. */
const KEPT = 300;
/** Texts met once, waiting to be met again. */
const REMEMBERED = 1_000;

type Answer = Results<Record<string, unknown>>;

/** Several may share one database, and names are the database's. */
let made = 0;

interface Prepared {
  name: string;
  /** OIDs of the parameters' types. */
  types: number[];
}

/**
 * Statements that the embedded database has met before keep their plan: planning takes longer than running for most
 * of them, and each request begins with two reads. PGlite's `query` parses and plans anew each time, so this speaks
 * its protocol (PostgreSQL 54.2.3, extended query) as `query` does, with a name.
 */
export class PreparedStatements {
  readonly #pglite: PGlite;
  /** By text; the least recently used first. */
  readonly #prepared = new Map<string, Prepared>();
  readonly #met = new Set<string>();

  constructor(pglite: PGlite) {
    this.#pglite = pglite;
  }

  /**
   * Whether a statement is worth a plan of its own: a read that was met before. What changes the schema ends all
   * plans. Writes are left out: a kept plan does not know its parameters, and then `ON CONFLICT … WHERE state = $1`
   * finds no partial index.
   */
  isWorth(sql: string): boolean {
    if (/^\s*(create|alter|drop)\b/i.test(sql)) this.forget();
    if (!/^\s*(select|with)\b/i.test(sql) || /\binsert into\b/i.test(sql)) return false;
    if (this.#prepared.has(sql) || this.#met.has(sql)) return true;
    if (this.#met.size >= REMEMBERED) this.#met.clear();
    this.#met.add(sql);
    return false;
  }

  /** Runs it in a transaction of its own. */
  run(sql: string, parameters: readonly unknown[]): Promise<Answer> {
    return this.#pglite._runExclusiveTransaction(async () => {
      const answer = await this.runInside(sql, parameters);
      await this.#pglite.syncToFs();
      return answer;
    });
  }

  /** Runs it in the transaction that is open. A statement that fails is not kept. */
  runInside(sql: string, parameters: readonly unknown[]): Promise<Answer> {
    return this.#pglite.runExclusive(async () => {
      const messages: Awaited<ReturnType<PreparedStatements['send']>> = [];
      try {
        const { name, types } = this.#prepared.get(sql) ?? (await this.prepare(sql));
        this.#prepared.delete(sql);
        const values = parameters.map((value, at) => this.text(value, types[at]!));
        messages.push(...(await this.send(protocol.serialize.bind({ statement: name, values }))));
        messages.push(...(await this.send(protocol.serialize.describe({ type: 'P' }))));
        messages.push(...(await this.send(protocol.serialize.execute({}))));
        this.#prepared.set(sql, { name, types });
      } finally {
        messages.push(...(await this.send(protocol.serialize.sync())));
      }
      const [result] = parse.parseResults(messages, this.#pglite.parsers, { rowMode: 'object' });
      return result as Answer;
    });
  }

  private forget(): void {
    this.#prepared.clear();
    this.#met.clear();
  }

  private async prepare(text: string): Promise<Prepared> {
    for (const [oldest, { name }] of this.#prepared) {
      if (this.#prepared.size < KEPT) break;
      this.#prepared.delete(oldest);
      await this.send(protocol.serialize.close({ type: 'S', name }));
    }
    const name = `crossdock_${++made}`;
    await this.send(protocol.serialize.parse({ name, text }));
    const described = await this.send(protocol.serialize.describe({ type: 'S', name }));
    return { name, types: parse.parseDescribeStatementResults(described) };
  }

  private text(value: unknown, type: number): string | null {
    if (value === null || value === undefined) return null;
    return this.#pglite.serializers[type]?.(value) ?? String(value);
  }

  private send(message: Uint8Array) {
    return this.#pglite.execProtocolStream(message, { syncToFs: false });
  }
}
