/** Test results as JUnit XML, which CI systems show beside the change. */
export interface TestSuite {
  name: string;
  cases: TestCase[];
}

export interface TestCase {
  name: string;
  /** JUnit's class, by which viewers group cases. */
  group: string;
  seconds?: number;
  /** What failed; none when it passed. JUnit has one a case: more of it stands in the text. */
  failure?: { message: string; type: string; text: string };
  /** Why it did not run. */
  skipped?: string;
}

/** The document; suites and cases in their order. */
export function printJunit(name: string, suites: readonly TestSuite[]): string {
  const cases = suites.flatMap((suite) => suite.cases);
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name=${quote(name)}${counts(cases)}>`,
    ...suites.flatMap(suiteLines),
    '</testsuites>',
  ];
  return `${lines.join('\n')}\n`;
}

function counts(cases: readonly TestCase[]): string {
  const failed = cases.filter(({ failure }) => failure !== undefined).length;
  const skipped = cases.filter(({ skipped: why }) => why !== undefined).length;
  return ` tests="${cases.length}" failures="${failed}" errors="0" skipped="${skipped}"`;
}

function suiteLines({ name, cases }: TestSuite): string[] {
  return [`  <testsuite name=${quote(name)}${counts(cases)}>`, ...cases.flatMap(caseLines), '  </testsuite>'];
}

function caseLines({ name, group, seconds, failure, skipped }: TestCase): string[] {
  const time = seconds === undefined ? '' : ` time="${seconds.toFixed(3)}"`;
  const open = `    <testcase name=${quote(name)} classname=${quote(group)}${time}`;
  const inner: string[] = [];
  if (failure) {
    const { message, type, text } = failure;
    inner.push(`      <failure message=${quote(message)} type=${quote(type)}>${escape(text)}</failure>`);
  }
  if (skipped !== undefined) inner.push(`      <skipped message=${quote(skipped)}/>`);
  return inner.length === 0 ? [`${open}/>`] : [`${open}>`, ...inner, '    </testcase>'];
}

/** XML 1.0 §2.2: other control characters may not stand in a document, escaped or not. */
const FORBIDDEN = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|\p{Surrogate}/gu;
const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escape(text: string): string {
  return text.replace(FORBIDDEN, '\uFFFD').replace(/[&<>"]/g, (character) => ENTITIES[character]!);
}

/** XML 1.0 §3.3.3: line ends in attributes become spaces unless they are written as references. */
function quote(text: string): string {
  return `"${escape(text).replace(/[\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`)}"`;
}
