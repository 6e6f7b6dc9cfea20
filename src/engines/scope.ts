/** What a FROM clause brings into sight: a base table (with its key) or something derived (key null). */
export interface Source {
  alias: string;
  key: string | null;
  schema?: string;
  name?: string;
}

/** The names one query level sees: CTEs and FROM entries of its own and of the levels around it. */
export class Scope {
  private readonly parent: Scope | null;
  private readonly cteNames = new Set<string>();
  private readonly sources: Source[] = [];

  constructor(parent: Scope | null) {
    this.parent = parent;
  }

  child(): Scope {
    return new Scope(this);
  }

  addCte(name: string): void {
    this.cteNames.add(name.toLowerCase());
  }

  hasCte(name: string): boolean {
    return this.cteNames.has(name.toLowerCase()) || (this.parent?.hasCte(name) ?? false);
  }

  addSource(source: Source): void {
    this.sources.push(source);
  }

  /** Keys of this level's base tables, all or those with this alias. */
  sourceKeys(alias = ''): string[] {
    const wanted = alias.toLowerCase();
    return this.sources
      .filter((source) => wanted === '' || source.alias.toLowerCase() === wanted)
      .flatMap((source) => (source.key === null ? [] : [source.key]));
  }

  /**
   * Base-table columns a reference may mean: exact when qualified; an unqualified name counts for every
   * table in sight (types are not known here). `column: null` = the whole row.
   */
  resolve(names: string[]): { key: string; column: string | null }[] {
    return this.qualified(names.map((name) => name.toLowerCase())) ?? this.unqualified(names[0] ?? '');
  }

  /** Alias.column or schema.table.column; undefined when no level knows the qualifier. */
  private qualified(names: string[]): { key: string; column: string | null }[] | undefined {
    for (const source of this.sources) {
      const column = columnOf(source, names);
      if (column !== undefined) return source.key === null ? [] : [{ key: source.key, column }];
    }
    return this.parent?.qualified(names);
  }

  private unqualified(column: string): { key: string; column: string }[] {
    const own = this.sourceKeys().map((key) => ({ key, column: column.toLowerCase() }));
    return this.parent ? [...own, ...this.parent.unqualified(column)] : own;
  }
}

function columnOf(source: Source, names: string[]): string | null | undefined {
  if (source.alias.toLowerCase() === names[0]) return names[1] ?? null;
  const bySchema = source.schema?.toLowerCase() === names[0] && source.name?.toLowerCase() === names[1];
  return source.schema && bySchema ? (names[2] ?? null) : undefined;
}
