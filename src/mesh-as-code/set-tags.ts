import type { Contract } from '../contracts/odcs.ts';
import type { ItemProperty } from '../contracts/odcs-schema.ts';
import type { Path } from '../contracts/parse-document.ts';
import { readTag } from '../policy/tags.ts';

/** Something that tags are set on, as the documents of a domain name it, with those tags. */
export interface TaggedThing {
  /** The same for the same thing in another version of the document. */
  id: string;
  path: Path;
  tags: SetTag[];
}

export interface SetTag {
  key: string;
  value: string;
  path: Path;
  /** A word without a value: free, unless mesh.yaml declares it as a key. */
  isWord: boolean;
}

/** The tags of a list in a document. */
export function taggedBy(id: string, tags: readonly string[] | undefined, path: Path): TaggedThing {
  return { id, path, tags: setTags(tags, [...path, 'tags']) };
}

function setTags(tags: readonly string[] = [], path: Path): SetTag[] {
  return tags.map((text, index) => ({
    ...readTag(text),
    path: [...path, index],
    isWord: !text.includes(':'),
  }));
}

/** A contract, its object, and its properties at every depth. */
export function thingsOfContract(id: string, contract: Contract): TaggedThing[] {
  const things = [taggedBy(id, contract.tags, [])];
  for (const [index, object] of (contract.schema ?? []).entries()) {
    const path: Path = ['schema', index];
    things.push(taggedBy(`${id} table`, object.tags, path));
    for (const [at, property] of (object.properties ?? []).entries()) {
      things.push(...thingsOfProperty(`${id}.${property.name}`, property, [...path, 'properties', at]));
    }
  }
  return things;
}

function thingsOfProperty(id: string, property: ItemProperty, path: Path): TaggedThing[] {
  const { classification, tags, properties = [], items, map } = property;
  // ODCS has a key of its own for what is the tag of that key here.
  const classified: SetTag[] =
    classification === undefined
      ? []
      : [
          {
            ...{ key: 'classification', value: classification, path: [...path, 'classification'] },
            isWord: true,
          },
        ];
  return [
    { id, path, tags: [...classified, ...setTags(tags, [...path, 'tags'])] },
    ...properties.flatMap((part, at) =>
      thingsOfProperty(`${id}.${part.name}`, part, [...path, 'properties', at]),
    ),
    ...(items ? thingsOfProperty(`${id}[]`, items, [...path, 'items']) : []),
    ...(map ? thingsOfProperty(`${id}{key}`, map.key, [...path, 'map', 'key']) : []),
    ...(map ? thingsOfProperty(`${id}{value}`, map.value, [...path, 'map', 'value']) : []),
  ];
}
