import type { DataType } from '../base/data-type.ts';
import type { BoundPartitionField } from './partition.ts';

/** The Avro schemas of manifests and manifest lists, format version 2, with Iceberg's field ids. */
type AvroType = string | AvroType[] | { type: string; [attribute: string]: unknown };

interface AvroField {
  name: string;
  type: AvroType;
  'field-id': number;
  default?: null;
}

const required = (id: number, name: string, type: AvroType): AvroField => ({ name, type, 'field-id': id });
const optional = (id: number, name: string, type: AvroType): AvroField => ({
  name,
  type: ['null', type],
  default: null,
  'field-id': id,
});

/** A map with integer keys is an array of pairs (table spec, Appendix A, "Avro"). */
function pairs(ids: { key: number; value: number }, value: AvroType): AvroType {
  const fields = [required(ids.key, 'key', 'int'), required(ids.value, 'value', value)];
  return {
    type: 'array',
    logicalType: 'map',
    items: { type: 'record', name: `k${ids.key}_v${ids.value}`, fields },
  };
}

/** `manifest_entry` for the partitions of one spec. */
export function manifestEntrySchema(partition: BoundPartitionField[]): AvroType {
  const dataFile: AvroField[] = [
    required(134, 'content', 'int'),
    required(100, 'file_path', 'string'),
    required(101, 'file_format', 'string'),
    required(102, 'partition', { type: 'record', name: 'r102', fields: partition.map(partitionField) }),
    required(103, 'record_count', 'long'),
    required(104, 'file_size_in_bytes', 'long'),
    optional(108, 'column_sizes', pairs({ key: 117, value: 118 }, 'long')),
    optional(109, 'value_counts', pairs({ key: 119, value: 120 }, 'long')),
    optional(110, 'null_value_counts', pairs({ key: 121, value: 122 }, 'long')),
    optional(137, 'nan_value_counts', pairs({ key: 138, value: 139 }, 'long')),
    optional(125, 'lower_bounds', pairs({ key: 126, value: 127 }, 'bytes')),
    optional(128, 'upper_bounds', pairs({ key: 129, value: 130 }, 'bytes')),
    optional(131, 'key_metadata', 'bytes'),
    optional(132, 'split_offsets', { type: 'array', items: 'long', 'element-id': 133 }),
    optional(135, 'equality_ids', { type: 'array', items: 'int', 'element-id': 136 }),
    optional(140, 'sort_order_id', 'int'),
  ];
  return {
    type: 'record',
    name: 'manifest_entry',
    fields: [
      required(0, 'status', 'int'),
      optional(1, 'snapshot_id', 'long'),
      optional(3, 'sequence_number', 'long'),
      optional(4, 'file_sequence_number', 'long'),
      required(2, 'data_file', { type: 'record', name: 'r2', fields: dataFile }),
    ],
  };
}

function partitionField(field: BoundPartitionField): AvroField {
  return optional(field.id, avroName(field.name), avroType(field.resultType, field.id));
}

/** Names in Avro are letters, digits and `_`; the reference implementation writes others as `_x` and their code. */
export function avroName(name: string): string {
  const safe = Array.from(name, (character) =>
    /[A-Za-z0-9_]/.test(character) ? character : `_x${character.codePointAt(0)!.toString(16).toUpperCase()}`,
  ).join('');
  return /^[0-9]/.test(safe) ? `_${safe}` : safe;
}

function avroType(type: DataType, id: number): AvroType {
  switch (type.kind) {
    case 'date':
      return { type: 'int', logicalType: 'date' };
    case 'time':
      return { type: 'long', logicalType: 'time-micros' };
    case 'timestamp':
    case 'timestamptz':
      return { type: 'long', logicalType: 'timestamp-micros', 'adjust-to-utc': type.kind === 'timestamptz' };
    case 'string':
      return 'string';
    case 'binary':
      return 'bytes';
    case 'uuid':
      return { type: 'fixed', name: `uuid_${id}`, size: 16, logicalType: 'uuid' };
    case 'decimal': {
      const size = decimalBytes(type.precision);
      const { precision, scale } = type;
      return { type: 'fixed', name: `decimal_${id}`, size, logicalType: 'decimal', precision, scale };
    }
    default:
      return type.kind;
  }
}

/** The fewest bytes whose two's complement holds every number of that many digits. */
export function decimalBytes(precision: number): number {
  const largest = 10n ** BigInt(precision) - 1n;
  let size = 1;
  while (BigInt.asIntN(size * 8, largest) !== largest) size++;
  return size;
}

/** `manifest_file`, one entry of a manifest list. */
export const MANIFEST_FILE_SCHEMA: AvroType = {
  type: 'record',
  name: 'manifest_file',
  fields: [
    required(500, 'manifest_path', 'string'),
    required(501, 'manifest_length', 'long'),
    required(502, 'partition_spec_id', 'int'),
    required(517, 'content', 'int'),
    required(515, 'sequence_number', 'long'),
    required(516, 'min_sequence_number', 'long'),
    required(503, 'added_snapshot_id', 'long'),
    required(504, 'added_files_count', 'int'),
    required(505, 'existing_files_count', 'int'),
    required(506, 'deleted_files_count', 'int'),
    required(512, 'added_rows_count', 'long'),
    required(513, 'existing_rows_count', 'long'),
    required(514, 'deleted_rows_count', 'long'),
    optional(507, 'partitions', {
      type: 'array',
      'element-id': 508,
      items: {
        type: 'record',
        name: 'r508',
        fields: [
          required(509, 'contains_null', 'boolean'),
          optional(518, 'contains_nan', 'boolean'),
          optional(510, 'lower_bound', 'bytes'),
          optional(511, 'upper_bound', 'bytes'),
        ],
      },
    }),
    optional(519, 'key_metadata', 'bytes'),
  ],
};
