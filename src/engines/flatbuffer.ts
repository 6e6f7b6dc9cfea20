/**
 * Just enough of the FlatBuffers wire format to write Arrow's messages: every child lies behind its parent,
 * so one forward pass writes a message and patches each reference when its target is placed.
 */
export type Slot =
  | { as: 'int8' | 'int16' | 'int32'; value: number }
  | { as: 'int64'; value: bigint }
  | { as: 'reference'; write: (buffer: FlatBuffer) => number };

const SIZES = { int8: 1, int16: 2, int32: 4, int64: 8, reference: 4 } as const;

export const int8 = (value: number | boolean): Slot => ({ as: 'int8', value: Number(value) });
export const int16 = (value: number): Slot => ({ as: 'int16', value });
export const int32 = (value: number): Slot => ({ as: 'int32', value });
export const int64 = (value: number): Slot => ({ as: 'int64', value: BigInt(value) });
export const table = (slots: (Slot | null)[]): Slot => reference((buffer) => buffer.table(slots));
export const text = (value: string): Slot => reference((buffer) => buffer.text(value));
export const list = (items: Slot[]): Slot => reference((buffer) => buffer.references(items));
/** Structs of two 64-bit integers, the only ones Arrow's record batches have. */
export const pairs = (items: [number, number][]): Slot => reference((buffer) => buffer.pairs(items));

function reference(write: (buffer: FlatBuffer) => number): Slot {
  return { as: 'reference', write };
}

/** The bytes of a root table, padded to 8. */
export function flatBuffer(slots: (Slot | null)[]): Uint8Array {
  const buffer = new FlatBuffer();
  const root = buffer.grow(4);
  buffer.uint32(root, buffer.table(slots) - root);
  buffer.pad(8);
  return buffer.bytes();
}

class FlatBuffer {
  private data = new Uint8Array(1024);
  private view = new DataView(this.data.buffer);
  private length = 0;

  bytes(): Uint8Array {
    return this.data.subarray(0, this.length);
  }

  /** Room for `size` zero bytes; gives its place. */
  grow(size: number): number {
    const at = this.length;
    this.length += size;
    if (this.length > this.data.length) {
      const larger = new Uint8Array(Math.max(this.length, this.data.length * 2));
      larger.set(this.data);
      this.data = larger;
      this.view = new DataView(larger.buffer);
    }
    return at;
  }

  /** Zero bytes until `ahead` bytes later is a multiple of `alignment`. */
  pad(alignment: number, ahead = 0): void {
    while ((this.length + ahead) % alignment !== 0) this.grow(1);
  }

  uint32(at: number, value: number): void {
    this.view.setUint32(at, value, true);
  }

  /** A vtable (where each field is) and the table behind it; absent fields take no room. */
  table(slots: (Slot | null)[]): number {
    const places: number[] = [];
    let size = 4;
    for (const slot of slots) {
      if (slot) size = Math.ceil(size / SIZES[slot.as]) * SIZES[slot.as];
      places.push(slot ? size : 0);
      if (slot) size += SIZES[slot.as];
    }
    const vtableSize = 4 + 2 * slots.length;
    this.pad(8, vtableSize);
    const vtable = this.grow(vtableSize);
    const start = this.grow(size);
    this.view.setUint16(vtable, vtableSize, true);
    this.view.setUint16(vtable + 2, size, true);
    places.forEach((place, index) => this.view.setUint16(vtable + 4 + 2 * index, place, true));
    this.view.setInt32(start, start - vtable, true);
    slots.forEach((slot, index) => slot && this.slot(slot, start + places[index]!));
    return start;
  }

  text(value: string): number {
    const bytes = new TextEncoder().encode(value);
    this.pad(4);
    const at = this.grow(4 + bytes.length + 1);
    this.uint32(at, bytes.length);
    this.data.set(bytes, at + 4);
    return at;
  }

  references(items: Slot[]): number {
    this.pad(4);
    const at = this.grow(4 + 4 * items.length);
    this.uint32(at, items.length);
    items.forEach((item, index) => this.slot(item, at + 4 + 4 * index));
    return at;
  }

  pairs(items: [number, number][]): number {
    this.pad(8, 4);
    const at = this.grow(4 + 16 * items.length);
    this.uint32(at, items.length);
    items.forEach(([first, second], index) => {
      this.view.setBigInt64(at + 4 + 16 * index, BigInt(first), true);
      this.view.setBigInt64(at + 12 + 16 * index, BigInt(second), true);
    });
    return at;
  }

  private slot(slot: Slot, at: number): void {
    switch (slot.as) {
      case 'int8':
        return this.view.setInt8(at, slot.value);
      case 'int16':
        return this.view.setInt16(at, slot.value, true);
      case 'int32':
        return this.view.setInt32(at, slot.value, true);
      case 'int64':
        return this.view.setBigInt64(at, slot.value, true);
      case 'reference':
        return this.uint32(at, slot.write(this) - at);
    }
  }
}
