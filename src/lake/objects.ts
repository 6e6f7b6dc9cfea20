import { MeshError } from '../base/errors.ts';

/**
 * The port of storage: a flat map from keys to immutable objects, with what a local folder and an
 * S3 bucket can both do. No rename and no append; an object is whole or absent, never half written.
 */
export interface Objects {
  /** The absolute location of a key as Iceberg metadata holds it, `file:///…` or `s3://…`. */
  uri(key: string): string;
  /**
   * Writes a whole object, durable on return.
   * @throws MeshError `lake.object-exists` with `onlyIfAbsent` when the key is taken.
   */
  write(key: string, bytes: Uint8Array, options?: WriteOptions): Promise<void>;
  /**
   * Takes over a finished local file as a new object; the local file is gone afterwards.
   * @throws MeshError `lake.object-exists` when the key is taken.
   */
  moveIn(key: string, localPath: string): Promise<{ bytes: number }>;
  /** @throws MeshError `lake.object-missing`. */
  read(key: string): Promise<Uint8Array>;
  /**
   * A local path with the object's content, for engines that read files; valid until the object is removed.
   * @throws MeshError `lake.object-missing`.
   */
  localFile(key: string): Promise<string>;
  /** Every object whose key starts with `<prefix>/`, in no particular order. */
  list(prefix: string): AsyncIterable<StoredObject>;
  /** Removes objects; those already gone are no error, so that a clean-up may be repeated. */
  remove(keys: string[]): Promise<void>;
  /** Removes what writers that died left half written, begun before a time; answers how many pieces. */
  removeUnfinished(before: Date): Promise<number>;
}

export interface WriteOptions {
  onlyIfAbsent?: boolean;
}

export interface StoredObject {
  key: string;
  bytes: number;
  modifiedAt: Date;
}

/** The limit of S3; a file name inside must also fit into 255 bytes. */
const MAX_KEY_LENGTH = 1024;
const SEGMENT = /^[A-Za-z0-9_=+@-][A-Za-z0-9._=+@-]{0,254}$/;

/**
 * The key itself, when it is safe on every storage: `/` between segments of letters, digits and `._=+@-`,
 * none starting with a dot, so that no key can climb out of its root or name a temporary file.
 * @throws MeshError `lake.key-invalid`.
 */
export function checkKey(key: string): string {
  if (isKey(key)) return key;
  throw new MeshError('lake.key-invalid', { facts: { key } });
}

export function isKey(text: string): boolean {
  return text.length <= MAX_KEY_LENGTH && text.split('/').every((segment) => SEGMENT.test(segment));
}
