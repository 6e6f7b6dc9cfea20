import { MeshError } from '../base/errors.ts';
import { checkFunction, checkTableFunction, isSessionName } from './allowed-functions.ts';
import { tableKey, type TableReference } from './engine.ts';
import { firstRefusal, refusal, type Refusal } from './refusals.ts';
import { Scope } from './scope.ts';
import { fieldsOf, isEmpty, shapeOf, type Field, type Node } from './syntax-shapes.ts';

/** What a statement that passed the guard reads. */
export interface GuardedSql {
  tables: TableReference[];
  /** By {@link tableKey}; `null` = all columns. Unqualified names count for every table in scope. */
  columns: Record<string, string[] | null>;
  functions: string[];
}

/** Deeper or larger trees are machine-made; DuckDB's own binder stops at an expression depth of 1,000. */
export const GUARD_LIMITS = { depth: 300, nodes: 50_000 } as const;

/**
 * Checks the syntax tree of one statement, as `json_serialize_sql` gives it after `JSON.parse`.
 * Pure; allow-lists only: what is not known is refused.
 * @throws MeshError `query.*`; `problems` lists every refusal when there are several.
 */
export function guardSql(ast: unknown): GuardedSql {
  const statements = (ast as { statements?: unknown[] } | null)?.statements ?? [];
  if (statements.length !== 1) throw new MeshError('query.not-select');
  const guard = new Guard();
  guard.statement(statements[0], new Scope(null));
  const refused = firstRefusal(guard.refusals);
  if (refused) throw refused;
  return guard.result();
}

class Guard {
  readonly refusals: Refusal[] = [];
  private readonly tables = new Map<string, TableReference>();
  private readonly columns = new Map<string, Set<string> | null>();
  private readonly functions = new Set<string>();
  private depth = 0;
  private nodes = 0;

  result(): GuardedSql {
    const columns = [...this.columns].map(([key, names]) => [key, names && [...names]] as const);
    return {
      tables: [...this.tables.values()],
      columns: Object.fromEntries(columns),
      functions: [...this.functions],
    };
  }

  statement(value: unknown, scope: Scope): void {
    const statement = value as { node?: unknown; named_param_map?: unknown } | null;
    if (!isEmpty(statement?.named_param_map)) this.refusals.push(refusal('query.parameter'));
    this.query(statement?.node, scope);
  }

  /** A query node in a scope of its own below `outer`. */
  private query(value: unknown, outer: Scope): void {
    const scope = outer.child();
    this.node(value, (node) => {
      this.ctes(node['cte_map'], scope);
      if (node['type'] === 'RECURSIVE_CTE_NODE') scope.addCte(String(node['cte_name']));
      const fields = this.fields(node);
      // FROM before the rest: the other clauses name its tables.
      for (const field of fields) if (field.part === 'table') this.table(field.value, scope);
      for (const field of fields)
        if (field.part !== 'table' && field.part !== 'ctes') this.field(field, scope);
    });
  }

  /** A CTE sees those before it, and not itself unless it is recursive. */
  private ctes(value: unknown, scope: Scope): void {
    const entries = (value as { map?: { key: string; value: Node }[] } | undefined)?.map ?? [];
    for (const { key, value: cte } of entries) {
      if (!isEmpty(cte['key_targets'])) this.form('USING KEY');
      this.statement(cte['query'], scope);
      scope.addCte(key);
    }
  }

  private table(value: unknown, scope: Scope): void {
    this.node(value, (node) => {
      const fields = this.fields(node);
      switch (node['type']) {
        case 'BASE_TABLE':
          return this.baseTable(node, scope);
        case 'TABLE_FUNCTION':
          return this.tableFunction(node, scope);
        case 'SHOW_REF':
          return this.showRef(node, scope);
        case 'PIVOT':
          return this.pivot(node, fields, scope);
        default:
          this.derivedTable(node, fields, scope);
      }
    });
  }

  private baseTable(node: Node, scope: Scope): void {
    const schema = String(node['schema_name']);
    const name = String(node['table_name']);
    const alias = String(node['alias'] || name);
    if (!isEmpty(node['at_clause'])) this.form('AT (time travel)');
    if (!isEmpty(node['catalog_name'])) {
      const written = `${node['catalog_name']}.${schema}.${name}`;
      this.refusals.push(refusal('query.other-catalog', { name: written }));
      return;
    }
    if (schema === '' && scope.hasCte(name)) return scope.addSource({ alias, key: null });
    const table = { schema, name };
    const key = tableKey(table);
    if (!this.tables.has(key)) this.tables.set(key, table);
    if (!this.columns.has(key)) this.columns.set(key, new Set());
    const renamed = !isEmpty(node['column_name_alias']);
    if (renamed) this.columns.set(key, null);
    scope.addSource({ alias, key, schema, name });
  }

  private tableFunction(node: Node, scope: Scope): void {
    const call = node['function'] as Node;
    const refused = checkTableFunction(call);
    if (refused) this.refusals.push(refused);
    this.functions.add(String(call['function_name']).toLowerCase());
    this.node(call, (inner) => {
      for (const field of this.fields(inner)) this.field(field, scope);
    });
    scope.addSource({ alias: String(node['alias'] || call['function_name']), key: null });
  }

  /** SUMMARIZE and DESCRIBE come with a query; SHOW TABLES and its like do not. */
  private showRef(node: Node, scope: Scope): void {
    const known = node['show_type'] === 'SUMMARY' || node['show_type'] === 'DESCRIBE';
    const named = ['table_name', 'schema_name', 'catalog_name'].some((name) => !isEmpty(node[name]));
    if (!known || named || isEmpty(node['query'])) return this.form('SHOW');
    this.query(node['query'], scope);
    scope.addSource({ alias: String(node['alias']), key: null });
  }

  /** A pivot groups by all columns it does not name, so it reads them all. */
  private pivot(node: Node, fields: Field[], scope: Scope): void {
    const inner = scope.child();
    this.table(node['source'], inner);
    for (const key of inner.sourceKeys()) this.columns.set(key, null);
    for (const field of fields) if (field.name !== 'source') this.field(field, inner);
    scope.addSource({ alias: String(node['alias']), key: null });
  }

  private derivedTable(node: Node, fields: Field[], scope: Scope): void {
    for (const field of fields) if (field.part === 'table') this.table(field.value, scope);
    for (const field of fields) if (field.part !== 'table') this.field(field, scope);
    if (node['type'] === 'JOIN') this.joinColumns(node, scope);
    else if (node['type'] !== 'EMPTY') scope.addSource({ alias: String(node['alias']), key: null });
  }

  private joinColumns(node: Node, scope: Scope): void {
    for (const name of (node['using_columns'] as string[]) ?? []) this.readColumn([name], scope);
    if (node['ref_type'] === 'NATURAL') this.readAll('', scope);
  }

  private expression(value: unknown, scope: Scope): void {
    this.node(value, (node) => {
      if (!('class' in node)) return this.form(String(node['type']));
      const fields = this.fields(node);
      if (node['class'] === 'FUNCTION' || node['class'] === 'WINDOW') this.call(node);
      if (node['class'] === 'COLUMN_REF') this.columnRef(node['column_names'] as string[], scope);
      if (node['class'] === 'STAR') this.readAll(String(node['relation_name'] ?? ''), scope);
      for (const field of fields) this.field(field, scope);
    });
  }

  private call(node: Node): void {
    const refused = checkFunction(node);
    if (refused) this.refusals.push(refused);
    this.functions.add(String(node['function_name']).toLowerCase());
  }

  private columnRef(names: string[], scope: Scope): void {
    if (names.length === 1 && isSessionName(names[0] ?? '')) {
      this.refusals.push(refusal('query.function-refused', { function: names[0] ?? '' }));
    }
    this.readColumn(names, scope);
  }

  /** One field by its part; tables and CTEs are walked by their owners, in order. */
  private field({ part, value }: Field, scope: Scope): void {
    switch (part) {
      case 'expression':
        return this.optional(value, (item) => this.expression(item, scope));
      case 'expressions':
        return this.each(value, (item) => this.expression(item, scope));
      case 'expression-rows':
        return this.each(value, (row) => this.each(row, (item) => this.expression(item, scope)));
      case 'order-modifier':
        return this.each((value as Node | null)?.['orders'], (item) => this.order(item, scope));
      case 'orders':
        return this.each(value, (item) => this.order(item, scope));
      case 'keyed-expressions':
        return this.each(value, (item) => this.expression((item as Node)['value'], scope));
      case 'cases':
        return this.each(value, (item) => {
          this.expression((item as Node)['when_expr'], scope);
          this.expression((item as Node)['then_expr'], scope);
        });
      case 'modifiers':
        return this.each(value, (item) => this.modifier(item, scope));
      case 'query':
        return this.optional(value, (item) => this.query(item, scope));
      case 'statement':
        return this.optional(value, (item) => this.statement(item, scope));
      case 'pivots':
        return this.each(value, (item) => this.pivotColumn(item as Node, scope));
      case 'type':
        return this.type(value);
    }
  }

  private order(value: unknown, scope: Scope): void {
    this.expression((value as Node)['expression'], scope);
  }

  private modifier(value: unknown, scope: Scope): void {
    this.node(value, (node) => {
      for (const field of this.fields(node)) this.field(field, scope);
    });
  }

  private pivotColumn(pivot: Node, scope: Scope): void {
    const known = ['pivot_expressions', 'unpivot_names', 'entries', 'pivot_enum'];
    const others = Object.keys(pivot).filter((name) => !known.includes(name) && !isEmpty(pivot[name]));
    if (!isEmpty(pivot['pivot_enum']) || others.length > 0)
      this.refusals.push(refusal('query.pivot-needs-in'));
    this.each(pivot['pivot_expressions'], (item) => this.expression(item, scope));
    this.each(pivot['entries'], (entry) =>
      this.optional((entry as Node)['star_expr'], (item) => this.expression(item, scope)),
    );
  }

  /** Types of other schemas are not ours; nested types are walked whatever their kind. */
  private type(value: unknown): void {
    if (value === null || typeof value !== 'object') return;
    this.node(value, (node) => {
      if (!isEmpty(node['catalog']) || !isEmpty(node['schema'])) this.form('a type of another schema');
      for (const inner of Object.values(node)) this.type(inner);
    });
  }

  /** The fields of a node after its kind was found known. */
  private fields(node: Node): Field[] {
    const shape = shapeOf(node);
    if (!shape) {
      this.form(String(node['class'] ?? node['type']));
      return [];
    }
    const { fields, unknown } = fieldsOf(node, shape);
    for (const name of unknown) this.form(`${node['class'] ?? node['type']} with ${name}`);
    for (const { part, name, value } of fields) {
      if (part === 'empty' && !isEmpty(value)) this.form(`${node['class'] ?? node['type']} with ${name}`);
    }
    return fields;
  }

  private node(value: unknown, visit: (node: Node) => void): void {
    if (value === null || typeof value !== 'object') return this.form('an empty clause');
    this.nodes++;
    if (++this.depth > GUARD_LIMITS.depth || this.nodes > GUARD_LIMITS.nodes) {
      throw new MeshError('query.too-complex', {
        facts: { limit: `${GUARD_LIMITS.depth} levels and ${GUARD_LIMITS.nodes} parts` },
      });
    }
    visit(value as Node);
    this.depth--;
  }

  private each(value: unknown, visit: (item: unknown) => void): void {
    if (Array.isArray(value)) value.forEach((item) => visit(item));
    else if (!isEmpty(value)) this.form('an unknown list');
  }

  private optional(value: unknown, visit: (item: unknown) => void): void {
    if (!isEmpty(value)) visit(value);
  }

  private form(form: string): void {
    this.refusals.push(
      refusal(form.startsWith('PARAMETER') ? 'query.parameter' : 'query.form-refused', { form }),
    );
  }

  private readColumn(names: string[], scope: Scope): void {
    for (const { key, column } of scope.resolve(names)) {
      if (column === null) this.columns.set(key, null);
      else this.columns.get(key)?.add(column);
    }
  }

  private readAll(alias: string, scope: Scope): void {
    for (const key of scope.sourceKeys(alias)) this.columns.set(key, null);
  }
}
