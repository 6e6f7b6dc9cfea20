import { MeshError } from '../base/errors.ts';
import { checkKey } from './objects.ts';

/**
 * Version 2 metadata holds absolute locations (table spec, "Paths in Metadata"). We read them relative to the
 * table's own `location`, so that our reads survive a moved data folder; other readers need `rebaseTable`.
 */
export interface TablePlace {
  /** Key prefix of the table in storage. */
  prefix: string;
  /** `location` of the metadata. */
  location: string;
}

/** The prefix of a table whose metadata file has this key: `<prefix>/metadata/<file>`. */
export function prefixOf(metadataKey: string): string {
  const parts = checkKey(metadataKey).split('/');
  if (parts.length >= 3 && parts.at(-2) === 'metadata') return parts.slice(0, -2).join('/');
  throw new MeshError('lake.metadata-invalid', {
    facts: { reason: 'its file is not in a metadata folder' },
    detail: metadataKey,
  });
}

/**
 * The key of a location inside the table.
 * @throws MeshError `lake.metadata-invalid` for a location outside of it: we never read what is not the table's.
 */
export function keyOf(place: TablePlace, location: string): string {
  if (location.startsWith(`${place.location}/`)) {
    return checkKey(`${place.prefix}/${location.slice(place.location.length + 1)}`);
  }
  throw new MeshError('lake.metadata-invalid', {
    facts: { reason: 'it names a file outside of the table' },
    detail: location,
  });
}

/** The location of a key inside the table, as metadata holds it. */
export function locationOf(place: TablePlace, key: string): string {
  return `${place.location}/${key.slice(place.prefix.length + 1)}`;
}
