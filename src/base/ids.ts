import { uuidv7obj } from 'uuidv7';

/** What an id names; the prefix makes a stray id in a log or a ticket readable. */
export type IdPrefix =
  | 'msh'
  | 'dom'
  | 'usr'
  | 'svc'
  | 'tok'
  | 'ses'
  | 'app'
  | 'src'
  | 'crw'
  | 'stb'
  | 'ctr'
  | 'prd'
  | 'prv'
  | 'dts'
  | 'tbl'
  | 'rel'
  | 'run'
  | 'grp'
  | 'rnd'
  | 'sub'
  | 'bsk'
  | 'rnw'
  | 'elv'
  | 'dlg'
  | 'rst'
  | 'req'
  | 'qry'
  | 'evt'
  | 'whk'
  | 'dlv'
  | 'inc'
  | 'lin'
  | 'lev'
  | 'job'
  | 'ers';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * A new id such as `prd_06b9…`: prefix, underscore, UUIDv7 (RFC 9562 §5.7) in Crockford base 32,
 * so that ids of one kind sort by the time they were made.
 */
export function newId(prefix: IdPrefix): string {
  return `${prefix}_${encodeBase32(uuidv7obj().bytes)}`;
}

function encodeBase32(bytes: Uint8Array): string {
  let bits = 0n;
  for (const byte of bytes) bits = (bits << 8n) | BigInt(byte);
  let text = '';
  for (let place = 0; place < 26; place++) {
    text = ALPHABET[Number(bits & 31n)] + text;
    bits >>= 5n;
  }
  return text;
}
