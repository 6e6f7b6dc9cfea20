/** Events are of this version of the specification. */
export const SPECIFICATION = 'https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs';

/** Who tells: `producer` of our events and of each of their facets (a URI). */
export const PRODUCER = 'urn:crossdock:server';

/** Versions of the facets that we write. */
const VERSIONS = {
  ColumnLineageDatasetFacet: '1-2-0',
  DataQualityAssertionsDatasetFacet: '1-1-0',
  DataQualityMetricsDatasetFacet: '1-0-0',
  DatasetVersionDatasetFacet: '1-0-1',
  ErrorMessageRunFacet: '1-0-1',
  InputStatisticsInputDatasetFacet: '1-0-0',
  JobTypeJobFacet: '2-0-4',
  OutputStatisticsOutputDatasetFacet: '1-0-2',
  ParentRunFacet: '1-2-0',
  SchemaDatasetFacet: '1-2-0',
  SQLJobFacet: '1-1-0',
} as const;

/** A facet with what every facet carries (OpenLineage 2-0-2, BaseFacet). */
export function facet(name: keyof typeof VERSIONS, content: object): object {
  const schema = `https://openlineage.io/spec/facets/${VERSIONS[name]}/${name}.json#/$defs/${name}`;
  return { _producer: PRODUCER, _schemaURL: schema, ...content };
}

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** The UUID in an id of ours (`run_…`): what other systems know the run by. */
export function uuidOf(id: string): string {
  let bits = 0n;
  for (const letter of id.slice(id.indexOf('_') + 1)) bits = (bits << 5n) | BigInt(ALPHABET.indexOf(letter));
  const hex = bits.toString(16).padStart(32, '0').slice(-32);
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Namespace of everything the mesh names itself: jobs, datasets (`DOMAIN.PRODUCT.DATASET`), source tables (`DOMAIN/SOURCE/TABLE`). */
export function namespaceOf(meshName: string): string {
  return `crossdock://${meshName}`;
}
