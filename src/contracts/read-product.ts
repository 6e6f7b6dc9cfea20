import { type Product, product } from './odps.ts';
import type { SourceText } from './parse-document.ts';
import { MESH_PRODUCT_RULES, PRODUCT_RULES } from './product-rules.ts';
import {
  type DocumentKind,
  lintDocument,
  type LintedDocument,
  readDocument,
  type ReadDocument,
} from './read-document.ts';

export type ProductDocument = ReadDocument<Product>;

/** An ODPS document by the standard alone. */
export const ANY_PRODUCT: DocumentKind<Product> = {
  code: 'product.invalid',
  model: product,
  rules: PRODUCT_RULES,
};

const MESH_PRODUCT: DocumentKind<Product> = {
  ...ANY_PRODUCT,
  rules: [...PRODUCT_RULES, ...MESH_PRODUCT_RULES],
};

/** Every problem of an ODPS document (Bitol, 0.9.0 to 1.1.0) by the standard. */
export function lintProduct(source: SourceText): LintedDocument<Product> {
  return lintDocument(source, ANY_PRODUCT);
}

/** Every problem of a product by the standard and as a product of this mesh. */
export function lintMeshProduct(source: SourceText): LintedDocument<Product> {
  return lintDocument(source, MESH_PRODUCT);
}

/** An ODPS document; throws `product.invalid` with all problems. */
export function readProduct(source: SourceText): ProductDocument {
  return readDocument(source, ANY_PRODUCT);
}

/** A product that the mesh can publish: named, versioned, each output port with its contract. */
export function readMeshProduct(source: SourceText): ProductDocument {
  return readDocument(source, MESH_PRODUCT);
}
