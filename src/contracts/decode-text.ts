/** Text of a file, or why it is not text. Positions are 1-based lines and columns. */
export interface DecodedText {
  text: string;
  faults: { line: number; column: number; message: string }[];
}

/** YAML 1.2 §5.1: these may not stand in a document, escaped or not; tabs and line ends may. */
const UNPRINTABLE = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F\uFFFE\uFFFF]|\p{Surrogate}/gu;
const MOST_FAULTS = 10;

/** Decodes a document, which must be UTF-8 (a byte order mark is allowed, YAML 1.2 §5.2). */
export function decodeText(content: string | Uint8Array): DecodedText {
  if (typeof content === 'string') return { text: content, faults: unprintableFaults(content) };
  const utf16 = (content[0] === 0xff && content[1] === 0xfe) || (content[0] === 0xfe && content[1] === 0xff);
  if (utf16) return fault(1, 1, 'the file is UTF-16: save it as UTF-8');
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(content);
    return { text, faults: unprintableFaults(text) };
  } catch {
    const { line, column, byte } = firstBadByte(content);
    const hex = byte.toString(16).toUpperCase().padStart(2, '0');
    return fault(line, column, `byte 0x${hex} is not valid UTF-8: save the file as UTF-8`);
  }
}

function fault(line: number, column: number, message: string): DecodedText {
  return { text: '', faults: [{ line, column, message }] };
}

function unprintableFaults(text: string): DecodedText['faults'] {
  const faults: DecodedText['faults'] = [];
  for (const match of text.matchAll(UNPRINTABLE)) {
    const before = text.slice(0, match.index);
    const line = before.split('\n').length;
    const column = match.index - before.lastIndexOf('\n');
    const hex = match[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, '0');
    faults.push({ line, column, message: `the character U+${hex} may not stand in a document: remove it` });
    if (faults.length === MOST_FAULTS) break;
  }
  return faults;
}

/** Decodes byte by byte, which is slow and only happens once a file is known to be broken. */
function firstBadByte(content: Uint8Array): { line: number; column: number; byte: number } {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let [line, column, start] = [1, 1, 0];
  for (let index = 0; index < content.length; index++) {
    let decoded: string;
    try {
      decoded = decoder.decode(content.subarray(index, index + 1), { stream: true });
    } catch {
      break;
    }
    if (decoded === '') continue;
    start = index + 1;
    [line, column] = decoded === '\n' ? [line + 1, 1] : [line, column + decoded.length];
  }
  return { line, column, byte: content[start]! };
}
