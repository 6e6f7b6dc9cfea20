import { sameType, typeName, type Column, type DataType } from '../base/data-type.ts';
import { joinTypes } from './infer-type.ts';

export interface FileSchema {
  columns: Column[];
  /** A file with this schema, to name in messages. */
  key: string;
}

export interface SchemaUnion {
  columns: Column[];
  drifts: { message: string; key: string }[];
}

/**
 * Columns of files whose own schemas differ, by name. Types that widen without loss widen; others become
 * string, and every difference is said once.
 */
export function unionColumns(schemas: readonly FileSchema[]): SchemaUnion {
  const columns = new Map<string, Column>();
  const drifts: SchemaUnion['drifts'] = [];
  schemas.forEach((schema, at) => {
    for (const column of schema.columns) {
      const known = columns.get(column.name.toLowerCase());
      if (known === undefined) {
        columns.set(column.name.toLowerCase(), { ...column, required: false });
        if (at > 0)
          drifts.push({ key: schema.key, message: `column ${column.name} is not in the files before` });
      } else if (!sameType(known.type, column.type)) {
        const type = widenFileTypes(known.type, column.type);
        const message = `column ${column.name} is ${typeName(column.type)} here and ${typeName(known.type)} before; the table takes it as ${typeName(type)}`;
        drifts.push({ key: schema.key, message });
        columns.set(column.name.toLowerCase(), { ...known, type });
      }
    }
    const own = new Set(schema.columns.map(({ name }) => name.toLowerCase()));
    const missing = [...columns].filter(([name]) => !own.has(name)).map(([, column]) => column.name);
    if (at > 0 && missing.length > 0)
      drifts.push({ key: schema.key, message: `lacks ${missing.slice(0, 8).join(', ')}` });
  });
  return { columns: [...columns.values()], drifts };
}

/** Iceberg table spec, "Schema Evolution", and what SQL widens without loss beyond it. */
function widenFileTypes(left: DataType, right: DataType): DataType {
  const kinds = `${left.kind} ${right.kind}`;
  if (kinds === 'int long' || kinds === 'long int') return { kind: 'long' };
  if (kinds === 'float double' || kinds === 'double float') return { kind: 'double' };
  if (left.kind === 'decimal' && right.kind === 'decimal') {
    const scale = Math.max(left.scale, right.scale);
    const whole = Math.max(left.precision - left.scale, right.precision - right.scale);
    return whole + scale > 38 ? { kind: 'string' } : { kind: 'decimal', precision: whole + scale, scale };
  }
  const whole = (type: DataType): DataType => (type.kind === 'int' ? { kind: 'long' } : type);
  // A long has up to 19 digits before the point, which a decimal of the other file may not hold.
  if (left.kind === 'decimal' || right.kind === 'decimal') return { kind: 'string' };
  return joinTypes(whole(left), whole(right)) ?? { kind: 'string' };
}
