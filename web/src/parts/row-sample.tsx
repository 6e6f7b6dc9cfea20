import { cellText } from '../cell-text.ts';
import { countOf } from '../format.ts';

interface RowSampleProps {
  caption: string;
  sample: { columns: string[]; rows: unknown[][] };
  total: number;
}

/** A few rows as they are, for the producer to see what is wrong with them. */
export function RowSample({ caption, sample, total }: RowSampleProps) {
  return (
    <div
      role="region"
      aria-label={caption}
      tabIndex={0}
      className="overflow-x-auto rounded-md border border-line"
    >
      <table className="w-full text-left text-xs">
        <caption className="caption-bottom border-t border-line px-2.5 py-1.5 text-left text-ink-faint">
          {sample.rows.length < total
            ? `${sample.rows.length} of ${countOf(total, 'failing row')}`
            : countOf(total, 'failing row')}
        </caption>
        <thead>
          <tr className="border-b border-line">
            {sample.columns.map((column) => (
              <th
                key={column}
                scope="col"
                className="px-2.5 py-1 font-mono font-medium whitespace-nowrap text-ink-faint"
              >
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="font-mono">
          {sample.rows.map((row, index) => (
            <tr key={index} className="border-b border-line last:border-0">
              {row.map((value, place) => (
                <td key={place} className="px-2.5 py-1 whitespace-nowrap">
                  {value === null || value === undefined ? (
                    <span className="text-ink-faint italic">null</span>
                  ) : (
                    cellText(value)
                  )}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
