/**
 * First come, first served within a caller; turn by turn between callers, so that one caller's hundred
 * queries delay another's by one.
 */
export class FairQueue<Item> {
  private readonly lines = new Map<string, Item[]>();

  get size(): number {
    let size = 0;
    for (const line of this.lines.values()) size += line.length;
    return size;
  }

  push(caller: string, item: Item): void {
    const line = this.lines.get(caller);
    if (line) line.push(item);
    else this.lines.set(caller, [item]);
  }

  /** The next item; its caller goes to the end of the turn order. */
  shift(): Item | undefined {
    for (const [caller, line] of this.lines) {
      const item = line.shift();
      this.lines.delete(caller);
      if (line.length > 0) this.lines.set(caller, line);
      return item;
    }
    return undefined;
  }

  remove(item: Item): boolean {
    for (const [caller, line] of this.lines) {
      const at = line.indexOf(item);
      if (at < 0) continue;
      line.splice(at, 1);
      if (line.length === 0) this.lines.delete(caller);
      return true;
    }
    return false;
  }
}
