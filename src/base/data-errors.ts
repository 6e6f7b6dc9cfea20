export interface ErrorEntry {
  /** HTTP status (RFC 9110 §15). */
  status: number;
  /** Public sentence; `{name}` is filled with the fact of that name. */
  message: string;
  /** What the caller can do. */
  fix: string;
}

/** The refusals about data: policy, tables, sources and queries. The rest of the table is in `error-table.ts`. */
export const DATA_ERRORS = {
  'policy.filter-invalid': {
    status: 400,
    message: 'the row filter is not valid',
    fix: 'Correct the condition; it joins comparisons, between, in, like, is null with and, or, not.',
  },
  'policy.not-granted': {
    status: 403,
    message: 'nothing gives you {dataset}: {reason}',
    fix: 'Request access with `crossdock request {product} --purpose TEXT`.',
  },
  'policy.not-on-record': {
    status: 400,
    message: 'who could see what at {at} is not on record: it is kept from {since} until now',
    fix: 'Ask as of a moment in that time, or leave the moment out for now.',
  },
  'policy.nothing-visible': {
    status: 403,
    message: 'every column of {dataset} is hidden from you',
    fix: 'Ask the owner of the product for the columns you need.',
  },
  'erasure.no-subject': {
    status: 422,
    message: 'no column of {target} says whose data a row is',
    fix: 'Mark the column in the contract with the custom property `subjectKey: customer`, or another kind of subject, and apply.',
  },
  'erasure.kind-needed': {
    status: 422,
    message: '{target} has data of several kinds of subjects: {kinds}',
    fix: 'Say which with `--kind`.',
  },
  'erasure.too-many': {
    status: 422,
    message: 'the value stands for more than {most} subjects',
    fix: 'Give the key of one subject: a value that many share is nobody’s.',
  },
  'erasure.not-ready': {
    status: 409,
    message: '{dataset} cannot be searched: {reason}',
    fix: 'Run its pipeline under its present contract, then erase.',
  },
  'erasure.other-subject': {
    status: 409,
    message: 'the dry run {id} was about something else: another subject, kind, product or dataset',
    fix: 'Type the value as it was for the dry run, or make a new dry run for this one.',
  },
  'erasure.committed': {
    status: 409,
    message: 'erasure {id} is beyond the point of no return, or has ended',
    fix: 'See what became of it with `crossdock erase show {id}`.',
  },
  'lake.key-invalid': {
    status: 500,
    message: 'the storage key {key} is not allowed',
    fix: 'Use segments of letters, digits and ._=+@- between slashes; none may start with a dot.',
  },
  'lake.root-invalid': {
    status: 500,
    message: 'the storage folder {folder} has characters that engines take for patterns',
    fix: 'Choose a folder without * ? [ ] { } in its path.',
  },
  'lake.object-missing': {
    status: 500,
    message: 'the object {key} is missing from storage',
    fix: 'Restore it from a backup; nothing but maintenance of the mesh may remove objects.',
  },
  'lake.object-exists': {
    status: 409,
    message: 'the object {key} exists already',
    fix: 'Objects are never changed; write under a new key.',
  },
  'lake.table-missing': {
    status: 404,
    message: 'the table {table} has no data yet',
    fix: 'Run its pipeline first.',
  },
  'lake.table-exists': {
    status: 409,
    message: 'the table {table} exists already',
    fix: 'Load it instead of creating it.',
  },
  'lake.metadata-invalid': {
    status: 500,
    message: 'the metadata of a table cannot be used: {reason}',
    fix: 'Restore the table from a backup, or write it again by its pipeline.',
  },
  'lake.file-invalid': {
    status: 500,
    message: 'the data file {file} cannot be added to the table: {reason}',
    fix: 'Write the file again with the columns, field ids and partitions of the table.',
  },
  'lake.schema-incompatible': {
    status: 422,
    message: 'the table cannot take the new schema',
    fix: 'Keep types or widen them, add new columns as optional, or offer the data as a new dataset.',
  },
  'lake.schema-changed': {
    status: 409,
    message: 'the schema of table {table} has changed in the meantime',
    fix: 'Read the table again and repeat the change.',
  },
  'lake.partition-invalid': {
    status: 422,
    message: 'the table cannot be partitioned like that',
    fix: 'Partition by columns of the table with identity, year, month, day or bucket[N].',
  },
  'lake.snapshot-missing': {
    status: 404,
    message: 'the table {table} has no snapshot {snapshot}',
    fix: 'Choose a snapshot from the history of the table; old ones expire.',
  },
  'lake.release-stale': {
    status: 409,
    message: 'table {table} was released from somewhere else since snapshot {snapshot} was made',
    fix: 'Run the pipeline again; it starts from the newest release.',
  },
  'lake.commit-lost': {
    status: 503,
    message: 'table {table} is being changed by too many writers at once',
    fix: 'Try again in a moment; nothing was written.',
  },
  'lake.unsupported': {
    status: 422,
    message: 'the table {table} has {feature}, which this operation cannot handle',
    fix: 'Overwrite the whole table, or compact it in the engine that wrote it.',
  },
  'query.syntax': {
    status: 400,
    message: 'the SQL could not be parsed: {reason}',
    fix: 'Correct the SQL; it is the DuckDB dialect of SELECT.',
  },
  'query.not-select': {
    status: 400,
    message: 'only one SELECT statement can be run',
    fix: 'Send one statement that begins with SELECT, FROM, WITH, VALUES, PIVOT, UNPIVOT, SUMMARIZE or DESCRIBE, without a second statement after it.',
  },
  'query.pivot-needs-in': {
    status: 400,
    message: 'PIVOT here needs its values listed',
    fix: "Write them out: PIVOT table ON column IN ('a', 'b') USING sum(amount).",
  },
  'query.parameter': {
    status: 400,
    message: 'parameter markers such as $1 or ? are not supported',
    fix: 'Write the value as a literal.',
  },
  'query.function-refused': {
    status: 400,
    message: 'the function {function} is not available in queries',
    fix: 'Use functions over values only; those that read files, settings, the catalog or the session, or that change state, are kept out.',
  },
  'query.function-tells': {
    status: 400,
    message: '{function} is not available on data of which some rows are hidden from you',
    fix: 'Use extract, date_part, date_trunc or try_cast instead; its failures could tell of hidden rows.',
  },
  'query.form-refused': {
    status: 400,
    message: '{form} is not available in queries',
    fix: 'Write the query without it.',
  },
  'query.other-catalog': {
    status: 400,
    message: '{name} names a table in three parts',
    fix: 'Write domain.dataset, or "domain.product".dataset with domain and product inside one pair of quotes.',
  },
  'query.too-complex': {
    status: 400,
    message: 'the SQL is larger or deeper than the limit of {limit}',
    fix: 'Split it into several queries, or join a list of values instead of writing each one.',
  },
  'query.unknown-table': {
    status: 404,
    message: 'there is no dataset {tables} that you may read',
    fix: 'Check the name with `crossdock search`, and ask for access with `crossdock request DOMAIN.PRODUCT --purpose TEXT`.',
  },
  'query.no-subscription': {
    status: 403,
    message: 'none of your domains has an active subscription to {product}',
    fix: 'Request access: `crossdock request {product} --purpose "what you need it for"`.',
  },
  'query.version-ended': {
    status: 410,
    message: '{version} was served until {date}',
    fix: 'Ask for the current version with `crossdock request {product} --purpose TEXT`, and read it by its plain name.',
  },
  'query.purpose-needed': {
    status: 409,
    message: 'several subscriptions to {product} apply: {purposes}',
    fix: 'Name the one to use with `purpose` (`--purpose` on the command line).',
  },
  'query.purpose-unknown': {
    status: 409,
    message:
      'no subscription that is read through is for the purpose given; of {product} there are: {purposes}',
    fix: 'Name one of them as `purpose` (`--purpose` on the command line), or ask for access for another purpose: `crossdock request {product} --purpose TEXT`.',
  },
  'query.no-release': {
    status: 409,
    message: '{dataset} has no release yet',
    fix: 'Wait for its first release, or ask its owner; the time asked for may also be before it.',
  },
  'query.release-gone': {
    status: 410,
    message: '{dataset} cannot be read any more as of {at}: {why}',
    fix: 'Ask for {oldest}, the oldest moment that can still be read, or later, or leave the moment out.',
  },
  'query.ambiguous-table': {
    status: 409,
    message: '{table} stands for several datasets',
    fix: 'Write one of {choices}.',
  },
  'query.id-taken': {
    status: 409,
    message: 'a query with the id {id} is running already',
    fix: 'Choose another id, or leave it out.',
  },
  'query.invalid': {
    status: 400,
    message: 'the query does not fit the data: {reason}',
    fix: 'Correct the names and types; `DESCRIBE domain.dataset` lists the columns you may read.',
  },
  'query.failed': {
    status: 422,
    message: 'the query failed on a value: {reason}',
    fix: 'Use try_cast or a filter to leave such values out.',
  },
  'query.out-of-memory': {
    status: 422,
    message: 'the query needs more memory than its limit of {limit}',
    fix: 'Read fewer rows or columns, group on fewer values, or ask the operator to raise the limit.',
  },
  'query.out-of-disk': {
    status: 422,
    message: 'the query needs more temporary disk space than it may use',
    fix: 'Read fewer rows or columns, sort less, or ask the operator to raise the limit.',
  },
  'query.timeout': {
    status: 422,
    message: 'the query ran longer than its limit of {seconds} seconds',
    fix: 'Read fewer rows, or ask the operator to raise the limit.',
  },
  'query.cancelled': {
    status: 409,
    message: 'the query was cancelled',
    fix: 'Send it again if it was not you who cancelled it.',
  },
  'query.killed': {
    status: 422,
    message: 'the query was ended because it took more memory or time than a worker may',
    fix: 'Make it smaller: long lists and texts made by repeat, range or lpad are the usual cause.',
  },
  'query.queue-full': {
    status: 503,
    message: 'too many queries are waiting',
    fix: 'Wait for your other queries to end, then try again.',
  },
  'source.invalid': {
    status: 400,
    message: 'the source {file} is not valid',
    fix: 'Correct the named places and apply again.',
  },
  'source.outside': {
    status: 403,
    message: "{path} leads out of the domain's folder",
    fix: "Give a path below the domain's own folder, without `..` and without links that leave it.",
  },
  'source.missing': {
    status: 404,
    message: 'there is nothing at {path}',
    fix: "Check the path below the domain's folder of raw data; ask the operator where that folder is.",
  },
  'source.too-many-files': {
    status: 413,
    message: 'the source has more than {limit} files',
    fix: 'Give the source a narrower path, or join small files into larger ones.',
  },
  'source.unreadable': {
    status: 422,
    message: 'the table {table} has files that cannot be read',
    fix: 'See the problems of the latest crawl, correct or remove the files named there, and crawl again.',
  },
  'source.empty': {
    status: 422,
    message: 'the table {table} has no files with data',
    fix: 'Put a file there, or correct the path or the glob of the table, and crawl again.',
  },
  'source.changed': {
    status: 409,
    message: 'files of the table {table} have changed since the latest crawl',
    fix: 'Crawl the source again and repeat the run.',
  },
  'test.data': {
    status: 422,
    message: 'the data {data} cannot be tested',
    fix: 'Name a file or folder of CSV, JSON, NDJSON or Parquet, or a PostgreSQL table that you may read.',
  },
  'test.object': {
    status: 422,
    message: 'the contract has no object {object}; it has {objects}',
    fix: 'Name one of its objects by --object, or leave it out to test all.',
  },
  'test.database': {
    status: 502,
    message: 'the PostgreSQL at {host} did not give the table: {reason}',
    fix: 'Check address, user and the right to SELECT; PGUSER and PGPASSWORD hold the credentials.',
  },
  'test.too-many': {
    status: 429,
    message: '{limit} contract tests of yours are running already',
    fix: 'Wait until one of them has ended, or cancel one.',
  },
  'test.too-long': {
    status: 422,
    message: 'the test ran longer than its limit of {minutes} minutes',
    fix: 'Test fewer rules at once, or fewer rows.',
  },
  'test.abandoned': {
    status: 503,
    message: 'the server that ran the test has stopped',
    fix: 'Start the test again.',
  },
  'test.too-large': {
    status: 422,
    message: 'the table is larger than the {limit} that a test copies',
    fix: 'Test a view of fewer rows or columns, or the files behind it.',
  },
} as const satisfies Record<string, ErrorEntry>;
