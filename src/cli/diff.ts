import type { Command } from 'commander';
import { systemClock } from '../base/clock.ts';
import type { ContractChange } from '../contracts/changes/change.ts';
import { compareContracts } from '../contracts/changes/compare-contracts.ts';
import {
  ignoreChanges,
  type IgnoreEntry,
  readIgnoreList,
  type SortedChanges,
} from '../contracts/changes/ignore-list.ts';
import { judgeVersion, type VersionVerdict } from '../contracts/changes/required-version.ts';
import { editDocument } from '../contracts/edit-document.ts';
import { type ContractDocument, readContract } from '../contracts/read-contract.ts';
import { bind, EXIT, type Shell } from './command.ts';
import { readDocumentFile, writeOutput } from './document-files.ts';
import { type Output, printTable } from './output.ts';

/** Compares two files; needs no server and no mesh. */
export function addDiff(contract: Command, shell: Shell): void {
  const diff = contract
    .command('diff')
    .argument('<before>', 'the contract that is in use')
    .argument('<after>', 'the contract that shall replace it')
    .option('--ignore <file>', 'a list of differences that are accepted, each with its reason and end')
    .option('--bump', 'write the version needed into the new contract when its own is too low')
    .description('what changes for consumers, and the version it needs');
  bind(diff, shell, async ({ out }, [before = '', after = ''], options) => {
    const was = await read(before);
    const list = await ignoreList(options['ignore']);
    let found = compare(was, await read(after), list);
    const { enough, least } = found.verdict;
    if (options['bump'] === true && !enough && least !== null) {
      await writeVersion(found.is, least);
      found = compare(was, await read(after), list);
    }
    if (out.json) out.write(`${JSON.stringify(asJson(found), null, 2)}\n`);
    else print(out, found);
    return found.verdict.required === 'major' && !found.verdict.enough ? EXIT.refused : EXIT.ok;
  });
}

interface Difference {
  was: ContractDocument;
  is: ContractDocument;
  sorted: SortedChanges;
  verdict: VersionVerdict;
}

function compare(was: ContractDocument, is: ContractDocument, list: readonly IgnoreEntry[]): Difference {
  const sorted = ignoreChanges(compareContracts(was, is), list);
  return { was, is, sorted, verdict: judgeVersion(was.value.version, is.value.version, sorted.counted) };
}

/** One value of the text; its comments and form stay. */
async function writeVersion({ file, text }: ContractDocument, version: string): Promise<void> {
  await writeOutput(file, editDocument({ file, content: text }, { path: ['version'], value: version }));
}

async function read(path: string): Promise<ContractDocument> {
  const { content } = await readDocumentFile(path);
  return readContract({ file: path, content });
}

async function ignoreList(path: unknown) {
  if (typeof path !== 'string') return [];
  const { content } = await readDocumentFile(path);
  return readIgnoreList({ file: path, content }, systemClock.now());
}

function asJson({ was, is, sorted, verdict }: Difference) {
  const side = ({ file, value }: ContractDocument) => ({ file, id: value.id, version: value.version });
  return {
    before: side(was),
    after: side(is),
    version: verdict,
    changes: sorted.counted,
    ignored: sorted.ignored.map(({ change, entry }) => ({
      ...change,
      reason: entry.reason,
      until: entry.until,
    })),
    unusedEntries: sorted.unused,
  };
}

function print(out: Output, { was, is, sorted, verdict }: Difference): void {
  const { counted, ignored, unused } = sorted;
  const row = (kind: string, { code, message, place, pointer }: ContractChange) => [
    kind,
    code,
    message,
    place,
    pointer,
  ];
  if (counted.length + ignored.length > 0) {
    printTable(
      out,
      ['class', 'code', 'what', 'where', 'pointer'],
      [
        ...counted.map((change) => row(change.class, change)),
        ...ignored.map(({ change, entry }) => row(`ignored until ${entry.until}`, change)),
      ],
    );
    out.write('\n');
  }
  out.write(`${versionLine(was.value.version, is.value.version, verdict)}\n`);
  for (const { code, pointer } of unused)
    out.say(`no difference is ${code} at ${pointer}: remove it from the list\n`);
}

const NEEDS = { major: 'breaking', minor: 'compatible', patch: 'cosmetic' };

function versionLine(before: string, after: string, { required, enough, least }: VersionVerdict): string {
  const step = `${before} → ${after}`;
  if (required === null)
    return enough ? `${step}: nothing changes` : `${step}: nothing changes, and the version is no later one`;
  const what = `${NEEDS[required]} differences need a ${required} version`;
  if (least === null) return `${step}: ${what}, and these are no semantic versions`;
  return `${step}: ${what}, ${least} or higher: ${after} is ${enough ? '' : 'not '}enough`;
}
