import { type Tags } from '../policy/action.ts';
import { inheritTags, readTags } from '../policy/tags.ts';

interface Property {
  name: string;
  physicalName?: string;
  tags?: string[];
  classification?: string;
}

interface ContractDocument {
  tags?: string[];
  schema?: { tags?: string[]; properties?: Property[] }[];
}

/**
 * Effective tags of each column: the product's, overridden by the contract's, its object's and the column's own.
 * The contract's `classification` is the tag of that key.
 */
export function columnTags(facts: {
  contract: Record<string, unknown>;
  productTags: string[];
}): Record<string, Tags> {
  const contract = facts.contract as ContractDocument;
  const object = contract.schema?.[0];
  const above = inheritTags(
    readTags(facts.productTags),
    readTags(contract.tags ?? []),
    readTags(object?.tags ?? []),
  );
  return Object.fromEntries(
    (object?.properties ?? []).map((property) => {
      const own = readTags(property.tags ?? []);
      const { classification } = property;
      const classified: Tags = classification === undefined ? {} : { classification };
      return [property.physicalName ?? property.name, inheritTags(above, classified, own)];
    }),
  );
}
