import type { Narrowed, PickableColumn } from '../approval.ts';
import { lastDay } from '../format.ts';
import { ColumnPicker } from './column-picker.tsx';
import { Field, Optional, TextArea, TextInput } from './field.tsx';
import { problemAt } from './notice.tsx';
import { TagField } from './tag-field.tsx';

interface NarrowingFieldsProps {
  columns: PickableColumn[];
  narrowed: Narrowed;
  /** The latest end that may be given. */
  latest: string | null;
  onChange: (part: Partial<Narrowed>) => void;
  error: unknown;
}

/** How much is given: columns, masks, tags, rows and end. */
export function NarrowingFields(props: NarrowingFieldsProps) {
  return (
    <>
      <ColumnPicker {...props} />
      <TagField {...props} />
      <RowsAndEnd {...props} />
    </>
  );
}

function RowsAndEnd({ narrowed, latest, onChange, error }: Omit<NarrowingFieldsProps, 'columns'>) {
  return (
    <div className="grid gap-5 sm:grid-cols-[1fr_11rem]">
      <Field
        label={
          <>
            Only rows where <Optional />
          </>
        }
        hint={<>For example: region IN ('NORTH', 'EAST') AND units {'>'} 0</>}
        problem={problemAt(error, '/rows')}
      >
        {(ids) => (
          <TextArea
            {...ids}
            rows={2}
            spellCheck={false}
            className="font-mono text-sm"
            value={narrowed.rows}
            onChange={(event) => onChange({ rows: event.target.value })}
          />
        )}
      </Field>
      <Field
        label={
          <>
            Until <Optional />
          </>
        }
        hint="Through that day, UTC."
        problem={problemAt(error, '/until')}
      >
        {(ids) => (
          <TextInput
            {...ids}
            type="date"
            max={latest === null ? undefined : lastDay(latest)}
            value={narrowed.until}
            onChange={(event) => onChange({ until: event.target.value })}
          />
        )}
      </Field>
    </div>
  );
}
