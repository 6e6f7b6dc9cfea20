import type { ErrorEntry } from './data-errors.ts';

/** The refusals of pipelines and their runs. The rest of the table is in `error-table.ts`. */
export const PIPELINE_ERRORS = {
  'pipeline.unknown-input': {
    status: 422,
    message: 'the pipeline reads what is not there',
    fix: 'Correct the names; a pipeline reads tables of its own domain’s sources and datasets it may discover.',
  },
  'pipeline.source-damaged': {
    status: 422,
    message: 'files of {table} cannot be read',
    fix: 'Correct or remove the files named; the last release stays until then.',
  },
  'pipeline.no-sql': {
    status: 409,
    message: '{dataset} has no pipeline',
    fix: 'Add a file <dataset>.sql beside its contract and apply.',
  },
  'pipeline.not-conforming': {
    status: 422,
    message: 'the SQL of {dataset} does not give the columns of its contract',
    fix: 'Correct the SQL (cast explicitly) or the contract; nothing was written.',
  },
  'pipeline.checks-failed': {
    status: 422,
    message: '{dataset} was not released, checks failed: {checks}',
    fix: 'See the failing rows of the run, correct the data or the pipeline, and run it again; consumers keep the last release.',
  },
  'pipeline.skipped': {
    status: 409,
    message: '{dataset} was not run: {reason}',
    fix: 'Correct what failed, then resume the run: what is done is not done again.',
  },
  'pipeline.nothing-to-resume': {
    status: 409,
    message: 'no step of {run} failed or was left out',
    fix: 'Start a new run.',
  },
  'pipeline.ended': {
    status: 409,
    message: 'run {run} has ended in the meantime',
    fix: 'Start a new run.',
  },
  'pipeline.parameter-undeclared': {
    status: 422,
    message: 'the SQL reads ${name}, which no setting declares',
    fix: 'Add `-- parameter: {name} TYPE = DEFAULT` at the top of the file, or correct the name.',
  },
  'pipeline.parameter-invalid': {
    status: 422,
    message: 'the values given for the parameters cannot be used',
    fix: 'Give values by the names and types that the pipeline’s `-- parameter:` lines declare.',
  },
  'pipeline.bookmark-column': {
    status: 422,
    message: 'no bookmark can follow {column} of {input}: {reason}',
    fix: 'Name a column that is filled in every row and grows with every new one, in the `incremental` setting; after a change of its type, reset the bookmark.',
  },
  'pipeline.bookmark-moved': {
    status: 409,
    message: 'the bookmark of {dataset} was moved while the run was under way; nothing was released',
    fix: 'Run the pipeline again; it reads from where the bookmark is now.',
  },
  'pipeline.bookmark-paused': {
    status: 409,
    message: 'the bookmark of {dataset} is paused, and rows appended now would be appended again later',
    fix: 'Resume it with `crossdock pipeline bookmark resume {dataset}`, then run the pipeline.',
  },
  'pipeline.bookmark-none': {
    status: 409,
    message: '{dataset} has no bookmark: {reason}',
    fix: 'Give its SQL an `incremental` setting and run it; see `crossdock pipeline bookmark show`.',
  },
  'pipeline.bookmark-step': {
    status: 404,
    message: '{run} is no run that the bookmark of {dataset} can go back to: {reason}',
    fix: 'Choose a run that `crossdock pipeline bookmark show` lists, or reset the bookmark.',
  },
  'pipeline.file-changed': {
    status: 409,
    message: 'files of {table} that were read and appended have changed',
    fix: 'Put changes into new files, rewind or reset the bookmark, or write by merge or replace partitions.',
  },
  'pipeline.late-rows': {
    status: 409,
    message: '{rows} rows of {input} came late: their {column} is {value}, where the bookmark is',
    fix: 'Reset the bookmark, or write by merge, which reads such rows again without repeating them.',
  },
  'pipeline.backfill-write': {
    status: 409,
    message: '{dataset} writes by {write}: a run for each value would not give the same rows each time',
    fix: 'Write by `replace partitions` or `merge`, which change only the rows of their value, and apply.',
  },
  'pipeline.backfill-values': {
    status: 422,
    message: 'there are no values of {parameter} to run through: {reason}',
    fix: 'Give a first and a last value with a step, or the values themselves.',
  },
  'pipeline.backfill-open': {
    status: 409,
    message: 'a backfill of {dataset} is under way: {group}',
    fix: 'Wait for its end, or cancel it with `crossdock pipeline cancel {group}`.',
  },
  'pipeline.abandoned': {
    status: 500,
    message: 'the run of {dataset} was tried again and again, and each time its server ended',
    fix: 'See in the server’s log why it ended (often memory), then start a new run.',
  },
} as const satisfies Record<string, ErrorEntry>;
