import { isoTime } from '../../base/clock.ts';
import { type Column, type DataType, typeName } from '../../base/data-type.ts';
import type { DescribedLineage, LineageInput } from '../lineage-model.ts';
import type { Transformation } from '../trace/trace-model.ts';
import { facet, PRODUCER, SPECIFICATION, uuidOf } from './facet.ts';

export type RunEventType = 'START' | 'COMPLETE' | 'FAIL' | 'ABORT';

/** Everything that an event about a run of ours tells. */
export interface RunFacts {
  type: RunEventType;
  at: Date;
  namespace: string;
  runId: string;
  /** `DOMAIN.PRODUCT.DATASET` */
  job: string;
  /** The run of the product that this is a part of; null for one that stands alone. */
  parent: { runId: string; job: string } | null;
  sql: string | null;
  columns: Column[];
  inputs: ReadInput[];
  /** Null where the SQL has changed since the run read it: then nobody knows its columns' ways any more. */
  lineage: DescribedLineage | null;
  /** What was written, when something was. */
  written: { snapshotId: string; rows: number; bytes: number | null } | null;
  checks: CheckFacts[];
  error: { code: string; message: string } | null;
}

/** An input as the run has read it. */
export interface ReadInput {
  /** As the lineage's inputs are called in events. */
  name: string;
  version: string | null;
  rows: number | null;
  /** Columns that the access plan of the run masked. */
  masked: string[];
}

export interface CheckFacts {
  id: string;
  title: string;
  severity: 'error' | 'warning';
  passed: boolean;
  measured: unknown;
}

/** The run event; checked in tests against the specification's own schemas. */
export function runEvent(facts: RunFacts): Record<string, unknown> {
  const { namespace } = facts;
  return {
    eventTime: isoTime(facts.at),
    eventType: facts.type,
    producer: PRODUCER,
    schemaURL: `${SPECIFICATION}/RunEvent`,
    run: { runId: uuidOf(facts.runId), facets: runFacets(facts) },
    job: { namespace, name: facts.job, facets: jobFacets(facts) },
    inputs: inputsOf(facts).map(({ name, version, rows }) => ({
      namespace,
      name,
      facets:
        version === null ? {} : { version: facet('DatasetVersionDatasetFacet', { datasetVersion: version }) },
      inputFacets:
        rows === null
          ? {}
          : { inputStatistics: facet('InputStatisticsInputDatasetFacet', { rowCount: rows }) },
    })),
    outputs: [outputOf(facts)],
  };
}

/** What was read; of a run that has read nothing yet, what its SQL names. */
function inputsOf({ inputs, lineage, job }: RunFacts): ReadInput[] {
  if (inputs.length > 0 || lineage === null) return inputs;
  return lineage.inputs.map((input) => ({
    ...{ name: inputName(input, job), version: null, rows: null, masked: [] },
  }));
}

/** `DOMAIN.PRODUCT.DATASET`, or `DOMAIN/SOURCE/TABLE`: a pipeline reads the sources of its own domain alone. */
function inputName(input: LineageInput, job: string): string {
  const domain = job.slice(0, job.indexOf('.'));
  return input.kind === 'dataset' ? input.name : `${domain}/${input.name.replace('.', '/')}`;
}

function runFacets({ parent, namespace, error }: RunFacts) {
  return {
    ...(parent === null
      ? {}
      : {
          parent: facet('ParentRunFacet', {
            run: { runId: uuidOf(parent.runId) },
            job: { namespace, name: parent.job },
          }),
        }),
    ...(error === null
      ? {}
      : {
          errorMessage: facet('ErrorMessageRunFacet', {
            message: `${error.code}: ${error.message}`,
            programmingLanguage: 'SQL',
          }),
        }),
  };
}

function jobFacets({ sql }: RunFacts) {
  const kind = { processingType: 'BATCH', integration: 'CROSSDOCK', jobType: 'PIPELINE' };
  return {
    jobType: facet('JobTypeJobFacet', kind),
    ...(sql === null ? {} : { sql: facet('SQLJobFacet', { query: sql, dialect: 'duckdb' }) }),
  };
}

function outputOf(facts: RunFacts) {
  const { namespace, job, columns, written, checks } = facts;
  const lineage = columnLineage(facts);
  const bytes = written?.bytes ?? null;
  return {
    namespace,
    name: job,
    facets: {
      schema: facet('SchemaDatasetFacet', { fields: columns.map(schemaField) }),
      ...(lineage === null ? {} : { columnLineage: lineage }),
      ...(written === null
        ? {}
        : {
            version: facet('DatasetVersionDatasetFacet', { datasetVersion: written.snapshotId }),
            dataQualityMetrics: facet('DataQualityMetricsDatasetFacet', {
              rowCount: written.rows,
              ...(bytes === null ? {} : { bytes }),
              columnMetrics: {},
            }),
          }),
      ...(checks.length === 0
        ? {}
        : {
            dataQualityAssertions: facet('DataQualityAssertionsDatasetFacet', {
              assertions: checks.map(assertion),
            }),
          }),
    },
    outputFacets:
      written === null
        ? {}
        : {
            outputStatistics: facet('OutputStatisticsOutputDatasetFacet', {
              rowCount: written.rows,
              ...(bytes === null ? {} : { size: bytes }),
            }),
          },
  };
}

function schemaField({ name, type, doc }: Column, index = 0): object {
  const fields = nested(type);
  return {
    name,
    type: typeName(type),
    ...(doc === undefined || doc === '' ? {} : { description: doc }),
    ordinal_position: index + 1,
    ...(fields.length === 0 ? {} : { fields: fields.map(schemaField) }),
  };
}

function nested(type: DataType): Column[] {
  return type.kind === 'struct' ? type.fields : [];
}

function assertion({ id, title, severity, passed, measured }: CheckFacts) {
  return {
    assertion: id,
    name: title,
    success: passed,
    severity: severity === 'error' ? 'error' : 'warn',
    ...(measured === null || measured === undefined ? {} : { actual: String(measured) }),
  };
}

/** Null where no column is traced: an empty facet would say that nothing goes in. */
function columnLineage(facts: RunFacts): object | null {
  const { lineage, namespace, job } = facts;
  if (lineage === null) return null;
  const { traced, inputs } = lineage;
  const masked = new Map(facts.inputs.map((input) => [input.name, input.masked]));
  const known = traced.columns.filter(({ sources }) => sources !== null);
  if (known.length === 0) return null;
  const field = (source: { input: number; column: string; transformations: Transformation[] }) => {
    const name = inputName(inputs[source.input]!, job);
    const isMasked = masked.get(name)?.includes(source.column) === true;
    const transformations = source.transformations.map((kind) => {
      const [type, subtype, masking] = kind.split(' ');
      return { type, subtype, description: '', masking: isMasked || masking === 'MASKING' };
    });
    return { namespace, name, field: source.column, transformations };
  };
  const fields = known.map(({ output, sources }) => [output, { inputFields: sources!.map(field) }]);
  return facet('ColumnLineageDatasetFacet', {
    fields: Object.fromEntries(fields),
    dataset: traced.dataset.map(field),
  });
}
