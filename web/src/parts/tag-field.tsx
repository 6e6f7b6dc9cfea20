import { type Narrowed, type PickableColumn, selectedByTags, tellingTags } from '../approval.ts';
import { countOf } from '../format.ts';
import { readTagExpression, type TagExpression, toggleTag } from '../tag-expression.ts';
import { cn } from './class-names.ts';
import { Field, Optional, TextInput } from './field.tsx';
import { tagProblem } from './notice.tsx';

interface TagFieldProps {
  columns: PickableColumn[];
  narrowed: Pick<Narrowed, 'left' | 'tags'>;
  onChange: (part: Pick<Narrowed, 'tags'>) => void;
  error: unknown;
}

/** Gives only columns that are so tagged: written, or put together of the tags that the columns have today. */
export function TagField({ columns, narrowed, onChange, error }: TagFieldProps) {
  const { tags: text, left } = narrowed;
  const read = readTagExpression(text);
  const expression = 'expression' in read ? read.expression : {};
  const given = columns.filter(({ name }) => !left.has(name));
  return (
    <div className="space-y-2">
      <Field
        label={
          <>
            Only columns tagged <Optional />
          </>
        }
        hint="Any value of a key, and every key: layer:core|raw and classification:public. A column that is so tagged later is given too."
        problem={'problem' in read ? read.problem : tagProblem(error)}
      >
        {(ids) => (
          <TextInput
            {...ids}
            spellCheck={false}
            autoComplete="off"
            className="font-mono text-sm"
            value={text}
            onChange={(event) => onChange({ tags: event.target.value })}
          />
        )}
      </Field>
      <KnownTags
        tags={tellingTags(columns)}
        expression={expression}
        onToggle={(tag) => onChange({ tags: toggleTag(text, tag) })}
      />
      <Selected columns={given} expression={expression} />
    </div>
  );
}

interface KnownTagsProps {
  tags: [key: string, values: string[]][];
  expression: TagExpression;
  onToggle: (tag: { key: string; value: string }) => void;
}

function KnownTags({ tags, expression, onToggle }: KnownTagsProps) {
  if (tags.length === 0) return null;
  return (
    <ul aria-label="Tags of these columns" className="max-h-40 space-y-1 overflow-y-auto text-xs">
      {tags.map(([key, values]) => (
        <li key={key} className="flex flex-wrap items-center gap-1">
          <span className="font-mono text-ink-faint">{key}:</span>
          {values.map((value) => {
            const isChosen = Object.hasOwn(expression, key) && expression[key]!.includes(value);
            return (
              <button
                key={value}
                type="button"
                aria-label={`${key}:${value}`}
                aria-pressed={isChosen}
                onClick={() => onToggle({ key, value })}
                className={cn(
                  'h-6 rounded-sm border px-1.5 font-mono',
                  isChosen ? 'border-accent bg-accent-soft text-accent' : 'border-line hover:bg-hover',
                )}
              >
                {value}
              </button>
            );
          })}
        </li>
      ))}
    </ul>
  );
}

/** What the expression selects as the columns are tagged today, of those that are given above. */
function Selected({ columns, expression }: { columns: PickableColumn[]; expression: TagExpression }) {
  if (Object.keys(expression).length === 0) return null;
  const selected = selectedByTags(columns, expression);
  const inAll = new Map(columns.map(({ name, datasets }) => [name, datasets.length]));
  return (
    <p role="status" className="text-sm break-words">
      {selected.length === 0
        ? 'No column is so tagged today: nothing is given until one is. Look at the spelling; the tags of today are above.'
        : `Today ${countOf(selected.length, 'column')} of ${columns.length}: `}
      {selected.map(({ name, datasets }, index) => (
        <span key={name}>
          {index > 0 && ', '}
          <code className="font-mono text-xs">{name}</code>
          {datasets.length < inAll.get(name)! && (
            <span className="text-ink-faint"> (of {datasets.join(', ')})</span>
          )}
        </span>
      ))}
    </p>
  );
}
