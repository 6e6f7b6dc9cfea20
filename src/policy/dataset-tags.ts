import { columnName } from '../contracts/column-type.ts';
import type { Contract } from '../contracts/odcs.ts';
import type { ItemProperty } from '../contracts/odcs-schema.ts';
import type { Tags } from './action.ts';
import { isPersonal } from './personal-data.ts';
import { type EffectiveTag, effectiveTags, inheritTags, plainTags, readTags } from './tags.ts';

/** A dataset with everything that tags it, as the documents write it. */
export interface TaggedDataset {
  contract: Record<string, unknown>;
  productTags: readonly string[];
  domainTags: readonly string[];
}

/** What is tagged how, from the product down; column names are those of the table. */
export interface DatasetTags {
  product: EffectiveTag[];
  dataset: EffectiveTag[];
  columns: Record<string, EffectiveTag[]>;
  /** Of each column the tags of every part of it: fields, items, keys and values, at all depths. */
  parts: Record<string, Tags[]>;
}

/**
 * Effective tags with their origin: the domain's, overridden by the product's, the contract's and its object's,
 * and the column's own. The contract's `classification` is the tag of that key.
 */
export function datasetTags({ contract, productTags, domainTags }: TaggedDataset): DatasetTags {
  const { tags = [], schema } = contract as unknown as Contract;
  const object = schema?.[0];
  const product = effectiveTags(['domain', readTags(domainTags)], ['product', readTags(productTags)]);
  const ofDataset = inheritTags(readTags(tags), readTags(object?.tags ?? []));
  const dataset = override(product, effectiveTags(['dataset', ofDataset]));
  const properties = object?.properties ?? [];
  return {
    product,
    dataset,
    columns: Object.fromEntries(
      properties.map((property) => [
        columnName(property),
        override(dataset, effectiveTags(['column', ownTags(property)])),
      ]),
    ),
    parts: Object.fromEntries(
      properties.map((property) => [
        columnName(property),
        partsOf(property, inheritTags(plainTags(dataset), ownTags(property))),
      ]),
    ),
  };
}

function override(above: EffectiveTag[], own: EffectiveTag[]): EffectiveTag[] {
  return [...new Map([...above, ...own].map((tag) => [tag.key, tag])).values()];
}

function ownTags({ classification, tags = [] }: ItemProperty): Tags {
  return inheritTags(classification === undefined ? {} : { classification }, readTags(tags));
}

function partsOf({ properties = [], items, map }: ItemProperty, above: Tags): Tags[] {
  const parts = [...properties, ...(items ? [items] : []), ...(map ? [map.key, map.value] : [])];
  return parts.flatMap((part) => {
    const tags = inheritTags(above, ownTags(part));
    return [tags, ...partsOf(part, tags)];
  });
}

/** Columns that hold personal data, in whole or in a part. */
export function personalColumns(tags: DatasetTags): string[] {
  return Object.keys(tags.columns).filter((name) => tagsWithin(tags, name).some(isPersonal));
}

/** The tags of a column and of each of its parts. */
export function tagsWithin({ columns, parts }: DatasetTags, name: string): Tags[] {
  return [plainTags(columns[name]!), ...parts[name]!];
}

/** Tags of each column and of its parts, as the access plan selects by them. */
export function planTags({ columns, parts }: Pick<DatasetTags, 'columns' | 'parts'>): {
  columnTags: Record<string, Tags>;
  partTags: Record<string, Tags[]>;
} {
  const plain = Object.entries(columns).map(([name, tags]) => [name, plainTags(tags)]);
  return { columnTags: Object.fromEntries(plain), partTags: parts };
}
