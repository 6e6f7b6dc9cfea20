import { useQuery } from '@tanstack/react-query';
import type { Deviation, ObservedColumn, ObservedRelease, Observations, Product } from '../api-types.ts';
import { formatCount, formatMoment } from '../format.ts';
import { ErrorNotice, Loading } from '../parts/notice.tsx';
import { Section } from '../parts/page.tsx';
import { RowsChart } from '../parts/rows-chart.tsx';
import { Sparkline } from '../parts/sparkline.tsx';
import { productSegment } from '../product-address.ts';
import { observationsQuery } from '../queries.ts';

/** How a dataset's releases developed beside their checks: rows with what is usual, missing values. */
export function ReleaseHistory({ product, dataset }: { product: Product; dataset: string }) {
  const observations = useQuery(observationsQuery(product.domain, productSegment(product)));
  if (observations.isPending) return <Loading label="Reading the history" lines={3} />;
  if (observations.isError) {
    return <ErrorNotice error={observations.error} retry={() => void observations.refetch()} />;
  }
  const found = observations.data.find((one) => one.dataset === dataset);
  if (!found || found.releases.length === 0) return null;
  return (
    <>
      <Volume observations={found} />
      {found.columns.length > 0 && <Columns columns={found.columns} />}
    </>
  );
}

function Volume({ observations: { releases, deviations } }: { observations: Observations }) {
  const last = releases.at(-1)!;
  return (
    <Section title="Rows over releases">
      <div className="space-y-2 rounded-lg border border-line bg-surface p-3">
        <p className="text-sm text-ink-soft">{volumeWords(last, deviations)}</p>
        {releases.length > 1 && <RowsChart releases={releases} />}
        <details>
          <summary className="w-fit cursor-pointer text-sm text-ink-faint hover:text-ink">As a table</summary>
          <ReleaseTable releases={releases} />
        </details>
      </div>
    </Section>
  );
}

function volumeWords({ rows, usual, release }: ObservedRelease, compared: boolean): string {
  const now = `Release ${release} has ${formatCount(rows)} rows`;
  if (usual !== null) return `${now}, usually ${rangeText(usual)}.`;
  return compared
    ? `${now}. What is usual will be said when there are enough releases.`
    : `${now}. Its contract does not have it compared with the ones before.`;
}

const rangeText = ({ low, high }: { low: number; high: number }) =>
  `${formatCount(Math.round(low))} to ${formatCount(Math.round(high))}`;

const cell = 'py-1 pr-4 text-left align-top';
const numeric = 'py-1 pr-4 text-right align-top tabular';

function ReleaseTable({ releases }: { releases: ObservedRelease[] }) {
  return (
    <div className="mt-2 max-h-72 overflow-auto">
      <table className="w-full text-sm">
        <caption className="sr-only">Rows of each release, newest first</caption>
        <thead className="text-xs text-ink-faint">
          <tr>
            <th className={numeric}>Release</th>
            <th className={cell}>At</th>
            <th className={numeric}>Rows</th>
            <th className={cell}>Usual</th>
            <th className={cell}>Not as usual</th>
          </tr>
        </thead>
        <tbody>
          {releases.toReversed().map((release) => (
            <tr key={release.release} className="border-t border-line">
              <td className={numeric}>{release.release}</td>
              <td className={cell}>{formatMoment(release.at)}</td>
              <td className={numeric}>{formatCount(release.rows)}</td>
              <td className={cell}>{release.usual ? rangeText(release.usual) : ''}</td>
              <td className={cell}>{release.deviations.map(deviationText).join('; ')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function deviationText({ measure, column, value, low, high }: Deviation): string {
  if (measure === 'rows') return 'rows';
  if (measure === 'null-share')
    return `${column}: ${percent(value)} missing, usually at most ${percent(high)}`;
  return `${column}: ${formatCount(value)} different values, usually ${rangeText({ low, high })}`;
}

const percent = (share: number) => `${(share * 100).toFixed(share > 0 && share < 0.01 ? 2 : 1)} %`;

/** Only what the reader could work out: columns they see as they are, where they see all rows. */
function Columns({ columns }: { columns: ObservedColumn[] }) {
  return (
    <Section title="Columns in the last release">
      <div className="overflow-x-auto rounded-lg border border-line bg-surface px-3 py-1">
        <table className="w-full text-sm">
          <caption className="sr-only">Missing and different values of each column you see</caption>
          <thead className="text-xs text-ink-faint">
            <tr>
              <th className={cell}>Column</th>
              <th className={numeric}>Missing</th>
              <th className={cell}>
                <span className="sr-only">Missing values over releases</span>
              </th>
              <th className={numeric}>Different, about</th>
              <th className={cell}>Smallest</th>
              <th className={cell}>Largest</th>
            </tr>
          </thead>
          <tbody>
            {columns.map((column) => (
              <tr key={column.name} className="border-t border-line">
                <td className={`${cell} font-mono text-xs leading-5`}>{column.name}</td>
                <td className={numeric}>{column.nullShare === null ? '' : percent(column.nullShare)}</td>
                <td className={cell}>
                  <Sparkline values={column.nullShares} />
                </td>
                <td className={numeric}>{column.distinct === null ? '' : formatCount(column.distinct)}</td>
                <td className={`${cell} tabular`}>{column.minimum}</td>
                <td className={`${cell} tabular`}>{column.maximum}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}
