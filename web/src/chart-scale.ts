/** From a value to its place in a drawing, lowest value at the bottom. */
export function scaleOf(values: readonly number[], heightPx: number): (value: number) => number {
  const low = Math.min(...values);
  const high = Math.max(...values);
  // A flat line stands in the middle.
  if (!(high > low)) return () => heightPx / 2;
  return (value) => heightPx - ((value - low) / (high - low)) * heightPx;
}

/** Where the n-th of so many points stands; a single one at the right, which is now. */
export function placeOf(index: number, count: number, widthPx: number): number {
  return count === 1 ? widthPx : (index / (count - 1)) * widthPx;
}

/** An SVG path through points; a missing value interrupts it. */
export function pathThrough(points: readonly ({ x: number; y: number } | null)[]): string {
  let pen = 'M';
  return points
    .flatMap((point) => {
      if (point === null) {
        pen = 'M';
        return [];
      }
      const step = `${pen}${round(point.x)} ${round(point.y)}`;
      pen = 'L';
      return [step];
    })
    .join(' ');
}

export function round(value: number): number {
  return Math.round(value * 10) / 10;
}
