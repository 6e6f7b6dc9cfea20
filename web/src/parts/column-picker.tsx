import type { Mask } from '../api-types.ts';
import type { Narrowed, PickableColumn } from '../approval.ts';
import { masksFor } from '../masks.ts';
import { Badge } from './badge.tsx';
import { Button } from './button.tsx';
import { cn } from './class-names.ts';
import { Select, TextInput } from './field.tsx';

interface ColumnPickerProps {
  columns: PickableColumn[];
  narrowed: Narrowed;
  onChange: (part: Partial<Narrowed>) => void;
}

/** Which columns are given, and behind which mask. */
export function ColumnPicker({ columns, narrowed, onChange }: ColumnPickerProps) {
  const give = (name: string, given: boolean) => {
    const left = new Set(narrowed.left);
    if (given) left.delete(name);
    else left.add(name);
    onChange({ left });
  };
  const mask = (name: string, chosen: Mask | null) => {
    const masks = new Map(narrowed.masks);
    if (chosen) masks.set(name, chosen);
    else masks.delete(name);
    onChange({ masks });
  };
  const isSeveral = new Set(columns.flatMap(({ datasets }) => datasets)).size > 1;
  return (
    <fieldset className="min-w-0">
      <legend className="float-left text-sm leading-7 font-medium">Columns</legend>
      <div className="mb-1.5 flex justify-end gap-1">
        <Button look="quiet" size="small" onClick={() => onChange({ left: new Set() })}>
          All
        </Button>
        <Button
          look="quiet"
          size="small"
          onClick={() => onChange({ left: new Set(columns.map(({ name }) => name)) })}
        >
          None
        </Button>
      </div>
      <ul className="clear-both max-h-96 divide-y divide-line overflow-y-auto rounded-lg border border-line">
        {columns.map((column) => (
          <PickerRow
            key={column.name}
            column={column}
            showDatasets={isSeveral}
            given={!narrowed.left.has(column.name)}
            mask={narrowed.masks.get(column.name) ?? null}
            onGive={(given) => give(column.name, given)}
            onMask={(chosen) => mask(column.name, chosen)}
          />
        ))}
      </ul>
    </fieldset>
  );
}

interface PickerRowProps {
  column: PickableColumn;
  showDatasets: boolean;
  given: boolean;
  mask: Mask | null;
  onGive: (given: boolean) => void;
  onMask: (mask: Mask | null) => void;
}

function PickerRow({ column, showDatasets, given, mask, onGive, onMask }: PickerRowProps) {
  return (
    <li className="flex min-h-10 flex-wrap items-center gap-x-3 gap-y-1 px-3 py-1">
      <label className="flex min-w-0 flex-1 basis-48 items-center gap-2.5">
        <input
          type="checkbox"
          checked={given}
          onChange={(event) => onGive(event.target.checked)}
          className="size-4 shrink-0 accent-accent"
        />
        <code className={cn('truncate font-mono text-sm', !given && 'text-ink-faint line-through')}>
          {column.name}
        </code>
        <span className="shrink-0 font-mono text-xs text-ink-faint">{column.type}</span>
        {column.classification && column.classification !== 'public' && (
          <Badge tone={column.classification === 'internal' ? 'neutral' : 'warn'}>
            {column.classification}
          </Badge>
        )}
        {showDatasets && (
          <span className="truncate text-xs text-ink-faint">{column.datasets.join(', ')}</span>
        )}
      </label>
      <MaskSelect column={column} given={given} mask={mask} onMask={onMask} />
    </li>
  );
}

function MaskSelect({ column, given, mask, onMask }: Omit<PickerRowProps, 'showDatasets' | 'onGive'>) {
  const choose = (action: string) => onMask(action === '' ? null : { action });
  return (
    <span className="flex gap-1.5">
      {mask?.action === 'mask-to-fixed-value' && !/^(binary|struct|list|map)/.test(column.type) && (
        <TextInput
          aria-label={`Fixed value for ${column.name}`}
          className="h-7 w-28 text-sm"
          placeholder="the standard’s"
          value={String(mask.value ?? '')}
          onChange={({ target }) =>
            onMask({
              action: mask.action,
              ...(target.value === '' ? {} : { value: fixedValue(target.value, column.type) }),
            })
          }
        />
      )}
      <Select
        aria-label={`Mask of ${column.name}`}
        disabled={!given}
        className={cn('h-7 w-52 text-sm', !mask && 'text-ink-faint')}
        value={mask?.action ?? ''}
        onChange={(event) => choose(event.target.value)}
      >
        <option value="">{column.otherwise ?? 'as it is'}</option>
        {masksFor(column.type).map(({ action, label }) => (
          <option key={action} value={action}>
            {label}
          </option>
        ))}
      </Select>
    </span>
  );
}

/** Small whole numbers, fractions and truth values travel as such; everything else as text (decimals, dates, longs). */
function fixedValue(text: string, type: string): string | number | boolean {
  if (/^(int|float|double)/.test(type) && text.trim() !== '' && Number.isFinite(Number(text)))
    return Number(text);
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}
