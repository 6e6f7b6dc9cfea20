import { type Command, Option } from 'commander';
import { type LintedFile, lintAnyDocument } from '../contracts/lint-document.ts';
import { bind, EXIT, type Shell } from './command.ts';
import { readDocumentFiles, writeOutput } from './document-files.ts';
import { printJunit } from './junit.ts';
import { printSarif } from './sarif.ts';

/** Needs no server and no mesh: it serves in any repository's pipeline. */
export function addLint(contract: Command, shell: Shell): void {
  const lint = contract
    .command('lint')
    .argument('<paths...>', 'ODCS contracts or ODPS products: files, folders, patterns such as "**/*.yaml"')
    .addOption(
      new Option('--format <format>', 'how to print the problems')
        .choices(['table', 'json', 'junit', 'sarif'])
        .default('table'),
    )
    .option('-o, --output <file>', 'write them to a file')
    .description('check documents against their standard, every problem with its place');
  bind(lint, shell, async ({ out }, paths, options) => {
    const documents = await readDocumentFiles(paths);
    const files = documents.map(({ path, content }) => lintAnyDocument({ file: path, content }));
    const format = out.json ? 'json' : String(options['format']);
    const text = print(files, format, shell.version);
    const output = options['output'];
    if (typeof output === 'string') await writeOutput(output, text);
    else out.write(text);
    if (format === 'table' || typeof output === 'string') out.say(`${summary(files)}\n`);
    return files.every(({ problems }) => problems.length === 0) ? EXIT.ok : EXIT.refused;
  });
}

function print(files: LintedFile[], format: string, version: string): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify({ files: files.map(asJson) }, null, 2)}\n`;
    case 'junit':
      return printJunit('crossdock contract lint', files.map(asSuite));
    case 'sarif':
      return printSarif(files, version);
    default:
      return files.map(asLines).join('');
  }
}

function asJson({ file: path, standard, problems }: LintedFile) {
  return { path, standard, problems };
}

function asLines({ file, problems }: LintedFile): string {
  if (problems.length === 0) return `${file}: valid\n`;
  return problems.map(({ message, place }) => `${place ?? file}: ${message}\n`).join('');
}

function asSuite({ file, standard, problems }: LintedFile) {
  const text = problems.map(({ message, place = file }) => `${place}: ${message}`).join('\n');
  const failed = problems.length > 0 && {
    failure: { message: counted(problems.length), type: standard, text },
  };
  return { name: file, cases: [{ name: 'holds to its standard', group: standard, ...failed }] };
}

function counted(problems: number): string {
  return `${problems} problem${problems === 1 ? '' : 's'}`;
}

function summary(files: LintedFile[]): string {
  const problems = files.reduce((sum, file) => sum + file.problems.length, 0);
  const invalid = files.filter((file) => file.problems.length > 0).length;
  const count = `${files.length} document${files.length === 1 ? '' : 's'}`;
  return problems === 0 ? `${count}, all valid` : `${count}, ${invalid} with ${counted(problems)}`;
}
