import { useLayoutEffect, useMemo, useRef, useState } from 'react';
import { cellText, isNumericType } from '../cell-text.ts';
import { cn } from './class-names.ts';
import { columnWidths, visibleRows } from '../grid-window.ts';

const ROW_PX = 28;

interface ResultGridProps {
  columns: { name: string; type: string }[];
  rows: unknown[][];
}

/** A table that draws only the rows on screen, so that ten thousand scroll like ten. */
export function ResultGrid({ columns, rows }: ResultGridProps) {
  const box = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ top: 0, height: 600 });
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const measure = () => setView({ top: element.scrollTop, height: element.clientHeight });
    const watch = new ResizeObserver(measure);
    watch.observe(element);
    element.addEventListener('scroll', measure, { passive: true });
    return () => {
      watch.disconnect();
      element.removeEventListener('scroll', measure);
    };
  }, []);
  const widths = useMemo(() => columnWidths(columns, rows), [columns, rows]);
  // Each row is a grid of its own, so widths are fixed; what is left over stays at the right.
  const template = `3.5rem ${widths.map((ch) => `${ch}ch`).join(' ')} 1fr`;
  const { from, to } = visibleRows({ ...view, rowHeight: ROW_PX, count: rows.length });
  return (
    <div
      ref={box}
      role="table"
      aria-label="Result"
      aria-rowcount={rows.length + 1}
      aria-colcount={columns.length}
      tabIndex={0}
      className="max-h-[min(38rem,70vh)] overflow-auto bg-surface font-mono text-xs -outline-offset-2"
    >
      <div className="w-max min-w-full">
        <HeaderRow columns={columns} template={template} />
        <div role="rowgroup" className="relative" style={{ height: rows.length * ROW_PX }}>
          {rows.slice(from, to).map((row, index) => (
            <ResultRow
              key={from + index}
              number={from + index + 1}
              row={row}
              columns={columns}
              template={template}
            />
          ))}
        </div>
      </div>
    </div>
  );
}

function HeaderRow({ columns, template }: { columns: ResultGridProps['columns']; template: string }) {
  return (
    <div
      role="row"
      aria-rowindex={1}
      className="sticky top-0 z-10 grid border-b border-line bg-sunken"
      style={{ gridTemplateColumns: template }}
    >
      <span aria-hidden="true" />
      {columns.map(({ name, type }, index) => (
        <span
          key={index}
          role="columnheader"
          title={`${name}: ${type}`}
          className={cn('min-w-0 px-3 py-1', isNumericType(type) && 'text-right')}
        >
          <span className="block truncate font-medium">{name}</span>
          <span className="block truncate text-[0.6875rem] leading-4 text-ink-faint">
            {type.toLowerCase()}
          </span>
        </span>
      ))}
    </div>
  );
}

interface ResultRowProps {
  number: number;
  row: unknown[];
  columns: ResultGridProps['columns'];
  template: string;
}

function ResultRow({ number, row, columns, template }: ResultRowProps) {
  return (
    <div
      role="row"
      aria-rowindex={number + 1}
      className="absolute inset-x-0 grid items-center border-b border-line hover:bg-hover"
      style={{ gridTemplateColumns: template, height: ROW_PX, top: (number - 1) * ROW_PX }}
    >
      <span aria-hidden="true" className="pr-2 text-right text-ink-faint tabular select-none">
        {number}
      </span>
      {columns.map(({ type }, index) => (
        <Cell key={index} value={row[index]} isNumber={isNumericType(type)} />
      ))}
    </div>
  );
}

function Cell({ value, isNumber }: { value: unknown; isNumber: boolean }) {
  const isNull = value === null || value === undefined;
  const text = isNull ? 'null' : cellText(value);
  return (
    <span
      role="cell"
      title={text.length > 24 ? text : undefined}
      className={cn('truncate px-3', isNumber && 'text-right tabular', isNull && 'text-ink-faint italic')}
    >
      {text}
    </span>
  );
}
