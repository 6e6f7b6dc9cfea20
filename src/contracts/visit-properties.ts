import type { Contract } from './odcs.ts';
import type { ItemProperty, SchemaObject } from './odcs-schema.ts';
import type { Path } from './parse-document.ts';

/** Calls `visit` for every property of an object at every depth, parents first. */
export function visitProperties(
  object: SchemaObject,
  path: Path,
  visit: (property: ItemProperty, path: Path) => void,
): void {
  const descend = (property: ItemProperty, at: Path): void => {
    visit(property, at);
    property.properties?.forEach((child, index) => descend(child, [...at, 'properties', index]));
    if (property.items) descend(property.items, [...at, 'items']);
    if (property.map) {
      descend(property.map.key, [...at, 'map', 'key']);
      descend(property.map.value, [...at, 'map', 'value']);
    }
  };
  object.properties?.forEach((property, index) => descend(property, [...path, 'properties', index]));
}

/** The objects of a contract with their paths. */
export function schemaObjects(contract: Contract): { object: SchemaObject; path: Path }[] {
  return (contract.schema ?? []).map((object, index) => ({ object, path: ['schema', index] }));
}
