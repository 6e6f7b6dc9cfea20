import { type Column, typeName } from '../base/data-type.ts';
import type { Problem } from '../base/errors.ts';
import { suggest } from '../contracts/suggest.ts';
import type { ContractTable } from '../contracts/contract-table.ts';
import type { PipelineSettings, ReadSettings, SettingKey } from './pipeline-settings.ts';

/** Where a setting and the contract do not go together. */
export interface SettingFault {
  key: SettingKey;
  message: string;
}

/** Floating point is no key: two values that print alike may differ, and NaN is nobody's. */
const NO_KEYS = ['struct', 'list', 'map', 'float', 'double'];

/** What the settings of a pipeline ask of the table that its contract promises. */
export function settingFaults(settings: PipelineSettings, table: ContractTable): SettingFault[] {
  return [
    ...incrementalFaults(settings),
    ...keyFaults(settings, table),
    ...deleteFaults(settings, table),
    ...partitionFaults(settings, table),
  ];
}

/** An overwrite would leave only what came last. */
function incrementalFaults({ incremental, write }: PipelineSettings): SettingFault[] {
  if (incremental === null || write !== 'overwrite') return [];
  const message =
    'to read on, write by `append`, `merge` or `replace partitions`: overwriting keeps only the newest rows';
  return [{ key: 'incremental', message }];
}

function keyFaults({ key }: PipelineSettings, { columns }: ContractTable): SettingFault[] {
  return key.flatMap((name): SettingFault[] => {
    const column = columnNamed(columns, name);
    if (column === undefined) {
      const near = suggest(
        name,
        columns.map((one) => one.name),
      );
      const hint = near === null ? '' : `; did you mean ${near}?`;
      return [{ key: 'key', message: `the contract has no column ${name}${hint}` }];
    }
    if (!NO_KEYS.includes(column.type.kind)) return [];
    return [{ key: 'key', message: `${name} is ${typeName(column.type)}, by which no row can be found` }];
  });
}

function deleteFaults({ deleteWhere }: PipelineSettings, { columns }: ContractTable): SettingFault[] {
  if (deleteWhere === null || columnNamed(columns, deleteWhere) === undefined) return [];
  const message = `${deleteWhere} is a column of the contract: name one that is the SELECT’s alone`;
  return [{ key: 'delete where', message }];
}

function partitionFaults({ write }: PipelineSettings, { partitions }: ContractTable): SettingFault[] {
  if (write !== 'replace partitions' || partitions.length > 0) return [];
  const message = 'the contract has no partitions: set `partitioned: true` on a property, or write otherwise';
  return [{ key: 'write', message }];
}

function columnNamed(columns: Column[], name: string): Column | undefined {
  return columns.find((column) => column.name.toLowerCase() === name.toLowerCase());
}

/** The faults with their places in the SQL file. */
export function placeFaults({ lines }: ReadSettings, file: string, faults: SettingFault[]): Problem[] {
  return faults.map(({ key, message }) => {
    const at = lines.find((line) => line.key === key);
    return { message, place: `${file}:${at?.line ?? 1}:${at?.column ?? 1}` };
  });
}
