import type { Check } from '../../contracts/check.ts';
import type { SchemaFinding } from '../../contracts/check-schema.ts';
import { describeObjectChecks } from '../../contracts/checks.ts';
import type { Contract } from '../../contracts/odcs.ts';
import type { CheckResult } from '../check-result.ts';
import { checkRows, type CheckTask } from '../run-checks.ts';
import { outcomeOf, type TableReport } from './report.ts';

export interface RowsTest extends Omit<CheckTask, 'checks'> {
  contract: Contract;
  /** Place of the object in the contract. */
  place: number;
  /** What is tested, for people. */
  data: string;
  /** Results about the schema, which come first. */
  schema: CheckResult[];
  /** Why a check cannot be run on these rows, or null. */
  whyNot?(check: Check): string | null;
}

/** Tests rows against one object of a contract: the schema's results first, then every check it asks for. */
export async function testRows(test: RowsTest): Promise<TableReport> {
  const started = performance.now();
  const { contract, place, schema } = test;
  const object = contract.schema![place]!;
  const missing = missingColumns(test);
  const checks = describeObjectChecks(contract, place).map((check): Check => {
    const reason = test.whyNot?.(check) ?? missing(check);
    if (reason === null) return check;
    const { id, title, severity, pointer, dimension } = check;
    return { kind: 'not-run', id, title, severity, pointer, dimension, reason };
  });
  const result = await checkRows({ ...test, checks });
  const all = [...schema, ...result.checks];
  return {
    contract: { id: contract.id, version: contract.version },
    object: object.name,
    data: test.data,
    outcome: outcomeOf(all),
    rows: result.rows,
    checks: all,
    elapsedMs: Math.round(performance.now() - started + schema.reduce((sum, one) => sum + one.elapsedMs, 0)),
  };
}

/** A column that is not there has failed in the schema already, once. */
function missingColumns({ relation }: RowsTest): (check: Check) => string | null {
  const present = new Set(relation.columns.map(({ name }) => name.toLowerCase()));
  return (check) => {
    const name = columnsOf(check).find((column) => !present.has(column.toLowerCase()));
    return name === undefined ? null : `the data has no column ${name}`;
  };
}

/** Names of the columns that a check looks at; a query of the contract's author tells by itself. */
export function columnsOf(check: Check): string[] {
  if ('columns' in check) return check.columns.map(([name]) => name!);
  return 'column' in check && check.column !== null && check.kind !== 'sql' ? [check.column[0]!] : [];
}

/** A finding about the schema as a result beside those of the checks. */
export function schemaResult({ id, title, severity, problems }: SchemaFinding): CheckResult {
  const passed = problems.length === 0;
  return {
    ...{ id, title, severity, passed, outcome: passed ? 'passed' : 'failed' },
    ...{ measured: null, unit: null, failures: 0, sample: null, elapsedMs: 0 },
    error: passed ? null : problems.join('; '),
  };
}
