import { z } from 'zod';
import { closed, customProperties, oneOf, stableId, text, uri } from './model-elements.ts';
import { role } from './odcs-terms.ts';

const FIELDS = [
  'account',
  'catalog',
  'catalogUrl',
  'database',
  'dataset',
  'delimiter',
  'endpointUrl',
  'format',
  'host',
  'location',
  'namespace',
  'path',
  'port',
  'project',
  'region',
  'regionName',
  'schema',
  'serviceName',
  'stagingDir',
  'stream',
  'warehouse',
  'workgroup',
] as const;

type Field = (typeof FIELDS)[number];

/** Fields per type of server: those before the bar are required (ODCS "ServerSource"). */
const TYPES = {
  api: 'location |',
  athena: 'schema | stagingDir catalog regionName workgroup',
  azure: 'location format | delimiter',
  bigquery: 'project dataset |',
  clickhouse: 'host port database |',
  databricks: 'catalog schema | host',
  denodo: 'host port | database',
  dremio: 'host port | schema',
  duckdb: 'database | schema',
  glue: 'account database | location format',
  cloudsql: 'host port database schema |',
  db2: 'host port database | schema',
  hive: 'host database | port',
  impala: 'host database | port',
  informix: 'host database | port',
  kafka: 'host | format',
  kinesis: '| region format',
  local: 'path format |',
  mysql: 'host port database |',
  oracle: 'host port serviceName |',
  postgresql: 'host port database schema |',
  postgres: 'host port database schema |',
  presto: 'host | catalog schema',
  pubsub: 'project |',
  redshift: 'database schema | host region account',
  s3: 'location | endpointUrl format delimiter',
  sftp: 'location | format delimiter',
  snowflake: 'account database schema | host port warehouse',
  sqlserver: 'host database schema | port',
  synapse: 'host port database |',
  trino: 'host port catalog schema |',
  vertica: 'host port database schema |',
  zen: 'host database | port',
  custom:
    '| account catalog database dataset delimiter endpointUrl format host location path port project region regionName schema serviceName stagingDir stream warehouse',
} as const;

/** ODCS 3.2 adds these; which fields each needs is left open here. */
export const NEW_SERVER_TYPES = [
  'iceberg',
  'hana',
  'teradata',
  'exasol',
  'btrieve',
  'ingres',
  'vectorwise',
  'versant',
  'fastobjects',
] as const;

type KnownType = keyof typeof TYPES;
const serverTypes: [string, ...string[]] = ['api', ...Object.keys(TYPES).slice(1), ...NEW_SERVER_TYPES];

export const server = closed({
  id: stableId.optional(),
  server: text,
  type: oneOf(serverTypes),
  description: text.optional(),
  environment: text.optional(),
  roles: z.array(role).optional(),
  customProperties: customProperties.optional(),
  account: text.optional(),
  catalog: text.optional(),
  catalogUrl: uri.optional(),
  database: text.optional(),
  dataset: text.optional(),
  delimiter: text.optional(),
  endpointUrl: uri.optional(),
  format: text.optional(),
  host: text.optional(),
  location: uri.optional(),
  namespace: text.optional(),
  path: text.optional(),
  port: z.union([z.number().int('must be a whole number'), text]).optional(),
  project: text.optional(),
  region: text.optional(),
  regionName: text.optional(),
  schema: text.optional(),
  serviceName: text.optional(),
  stagingDir: text.optional(),
  stream: text.optional(),
  warehouse: text.optional(),
  workgroup: text.optional(),
}).superRefine((value, issues) => {
  const fields: string | undefined = TYPES[value.type as KnownType];
  if (fields === undefined) return;
  const [required = [], optional = []] = fields.split('|').map((part) => part.split(' ').filter(Boolean));
  const add = (key: string, message: string, at: 'key' | 'value' = 'value') =>
    issues.addIssue({ code: 'custom', path: [key], message, params: { at } });
  for (const field of required) {
    if (value[field as Field] === undefined)
      add(field, `is missing: a server of type ${value.type} needs it`);
  }
  for (const field of FIELDS) {
    if (value[field] === undefined || required.includes(field) || optional.includes(field)) continue;
    const takes = [...required, ...optional].join(', ') || 'nothing more';
    add(field, `\`${field}\` does not belong to a server of type ${value.type}, which takes ${takes}`, 'key');
  }
  if (value.type === 'sftp' && value.location !== undefined && !value.location.startsWith('sftp://')) {
    add('location', 'must start with sftp://');
  }
});

export type Server = z.infer<typeof server>;
