/** Limits on what comes from outside, each with its reason. Sizes in bytes, times in milliseconds. */
export const LIMITS = {
  /** A document of the mesh; the largest real contract we know has 400 kB. */
  documentBytes: 2 * 1024 * 1024,
  /** Documents that one call of the command line checks: more is a wrong folder. */
  lintedFiles: 10_000,
  /** One request body; a whole domain folder of documents fits. */
  bodyBytes: 16 * 1024 * 1024,
  /** SQL text of a query or pipeline; the parser's cost grows with it. */
  sqlBytes: 128 * 1024,
  /** Columns of one table: wider ones are machine dumps, and every plan lists them all. */
  columns: 4_000,
  /** Footer of one Parquet file: 4,000 columns in a hundred row groups; it is read as a whole. */
  parquetFooterBytes: 64 * 1024 * 1024,
  /** Columns that are measured of each release: what is kept and compared grows with them. */
  observedColumns: 400,
  /** A page of a listing. */
  pageRows: 500,
  /** Rows in a materialised answer; more goes by file formats, which stream. */
  answerRows: 100_000,
  /** A consumer's query, unless the operator says otherwise. */
  queryMs: 60_000,
  /** A pipeline's statement. */
  pipelineMs: 30 * 60_000,
  /** A database table that `contract test` copies, as text: what a laptop's disk has to spare. */
  testCopyBytes: 8 * 1024 ** 3,
  /** Contract tests of one caller at once: each reads whole tables. */
  runningTests: 4,
  /** A contract test as a whole; each of its statements has a limit of its own. */
  testMs: 30 * 60_000,
  /** How long a test's result waits for whoever started it. */
  testKeptMs: 15 * 60_000,
  /** A kept report; a longer one is kept without its rows. */
  testReportCharacters: 4 * 1024 * 1024,
  /** Failing rows kept for the producer of one check: enough to see the pattern. */
  failingRows: 20,
  /** Events of one domain that a person or endpoint is told one by one in a minute; the rest comes as one. */
  eventsPerMinute: 30,
  /** One OpenLineage event; Spark writes its plans into them. */
  lineageEventBytes: 4 * 1024 * 1024,
  /** Events in one batch: each is a transaction of its own. */
  lineageBatch: 1_000,
  /** OpenLineage events are kept this long: a log for those who look back, while the graph stays. */
  lineageEventMs: 90 * 86_400_000,
  /** The same for an endpoint: a program reads faster. */
  deliveriesPerMinute: 120,
  /** Endpoints of one domain: each one is sent everything. */
  webhooks: 20,
  /** Body sent to an endpoint; most gateways take this much of an event. */
  webhookBytes: 64 * 1024,
  /** Kept of an endpoint's answer: enough to see what it disliked. */
  webhookAnswerBytes: 1_024,
  /** An endpoint answers within this time (Standard Webhooks: 15 to 30 seconds). */
  webhookMs: 15_000,
  /** A session that nobody uses ends: a working day with its breaks. */
  sessionIdleMs: 10 * 3600_000,
  /** A session ends, used or not: what was stolen unseen counts for a week at most. */
  sessionMs: 7 * 86_400_000,
  /** Sessions of one person; the one used least lately ends first. */
  sessions: 20,
  /** Longer passwords are no safer, and hashing them costs. */
  passwordCharacters: 256,
  /** Failed sign-ins with one address of a person within `signInWindowMs`, as NIST SP 800-63B asks for. */
  failuresOfPerson: 10,
  /** The same from one network address, which an office may share. */
  failuresOfAddress: 100,
  signInWindowMs: 15 * 60_000,
  /** A link that sets a password: long enough to be handed over. */
  linkMs: 3 * 86_400_000,
  /** A link that signs in, printed where the server was started. */
  entryLinkMs: 3600_000,
  /** An access token of the issuer, in seconds: it is asked about with each request, so this is for those who lose it. */
  accessTokenSeconds: 3_600,
  /** One that a program holds for a person, in seconds: a task, not a day. */
  exchangedTokenSeconds: 900,
  /** A refresh token that nobody uses, in seconds: `crossdock login` lasts a month of holidays. */
  refreshTokenSeconds: 35 * 86_400,
  /** What a person allowed a program, in seconds; then they are asked again. */
  issuerGrantSeconds: 180 * 86_400,
  /** Requests a minute that one address makes to the issuer: each leaves a row for some minutes. */
  issuerRequestsPerMinute: 600,
  /** The time to type a code, or to agree, in seconds. */
  interactionSeconds: 600,
  /** Addresses an application may be sent back to. */
  redirectUris: 10,
  /** Questions of one request form, those of the mesh included: a longer one is filled in without being read. */
  formQuestions: 30,
  /** Choices of one question. */
  formChoices: 50,
  /** One answer: a page of text. */
  answerCharacters: 2_000,
  /** An emergency reading, in minutes: a shift; whoever needs more has the time to ask. */
  elevationMinutes: 480,
  /** Products asked for at once: what one person can answer for with one purpose. */
  basketProducts: 20,
  /** Files of one source; their list is kept with every crawl. */
  sourceFiles: 100_000,
  /** Folders below a source's folder: deeper is a loop or a mistake. */
  sourceDepth: 24,
  /** Nested JSON below this depth stays text: types deeper than that describe nothing. */
  jsonDepth: 12,
  /** Packed content that grows beyond both is a bomb; real tables reach 1 : 50. */
  unpack: { floorBytes: 64 * 1024 * 1024, ratio: 300 },
} as const;
