import { pathThrough, placeOf, scaleOf } from '../chart-scale.ts';

const WIDTH = 96;
const HEIGHT = 18;

/** Shares over time between nothing and the largest; drawn for the eye, the value stands beside it. */
export function Sparkline({ values }: { values: (number | null)[] }) {
  const known = values.filter((value) => value !== null);
  if (known.length < 2) return null;
  const y = scaleOf([0, ...known], HEIGHT - 2);
  const points = values.map((value, index) =>
    value === null ? null : { x: placeOf(index, values.length, WIDTH), y: y(value) + 1 },
  );
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} className="h-4.5 w-24" aria-hidden="true">
      <path d={pathThrough(points)} className="fill-none stroke-accent" strokeWidth="1.5" />
    </svg>
  );
}
