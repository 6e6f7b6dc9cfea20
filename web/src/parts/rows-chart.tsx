import type { ObservedRelease } from '../api-types.ts';
import { pathThrough, placeOf, round, scaleOf } from '../chart-scale.ts';
import { formatCount, formatShortCount } from '../format.ts';

const WIDTH = 640;
const HEIGHT = 120;
const MARGIN = 6;

/**
 * Rows over releases with the band that was usual at each. A drawing for the eye: the same numbers stand in a
 * table beside it.
 */
export function RowsChart({ releases }: { releases: ObservedRelease[] }) {
  const drawing = drawingOf(releases);
  const last = releases.at(-1)!;
  return (
    <div className="flex gap-2" aria-hidden="true">
      <div className="flex w-12 shrink-0 flex-col justify-between py-0.5 text-right text-xs text-ink-faint tabular">
        <span>{formatShortCount(drawing.high)}</span>
        <span>{formatShortCount(drawing.low)}</span>
      </div>
      <svg
        viewBox={`${-MARGIN} ${-MARGIN} ${WIDTH + 2 * MARGIN} ${HEIGHT + 2 * MARGIN}`}
        preserveAspectRatio="none"
        className="h-32 w-full min-w-0"
      >
        <path d={drawing.band} className="fill-accent-soft" />
        <path
          d={drawing.line}
          className="fill-none stroke-accent"
          strokeWidth="2"
          vectorEffect="non-scaling-stroke"
        />
        {drawing.points.map(({ x, y, release }) => (
          <line
            key={release.release}
            x1={round(x)}
            x2={round(x)}
            y1={round(y)}
            y2={round(y)}
            strokeWidth={release.deviations.length > 0 || release === last ? 9 : 5}
            strokeLinecap="round"
            vectorEffect="non-scaling-stroke"
            className={release.deviations.length > 0 ? 'stroke-warn' : 'stroke-accent'}
          >
            <title>{`Release ${release.release}: ${formatCount(release.rows)} rows`}</title>
          </line>
        ))}
      </svg>
    </div>
  );
}

function drawingOf(releases: ObservedRelease[]) {
  const values = releases.flatMap(({ rows, usual }) => (usual ? [rows, usual.low, usual.high] : [rows]));
  const y = scaleOf(values, HEIGHT);
  const points = releases.map((release, index) => ({
    release,
    x: placeOf(index, releases.length, WIDTH),
    y: y(release.rows),
  }));
  const banded = points.filter(({ release }) => release.usual !== null);
  const upper = banded.map(({ x, release }) => ({ x, y: y(release.usual!.high) }));
  const lower = banded.map(({ x, release }) => ({ x, y: y(release.usual!.low) })).reverse();
  return {
    points,
    low: Math.min(...values),
    high: Math.max(...values),
    line: pathThrough(points),
    band: banded.length < 2 ? '' : `${pathThrough([...upper, ...lower])} Z`,
  };
}
