import { isAbsolute, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { contentHash } from '../base/canonical.ts';
import type { LintedFile } from '../contracts/lint-document.ts';

const RULES = [
  {
    id: 'odcs',
    name: 'OpenDataContractStandard',
    shortDescription: { text: 'The contract holds to the Open Data Contract Standard.' },
    helpUri: 'https://bitol-io.github.io/open-data-contract-standard/',
  },
  {
    id: 'odps',
    name: 'OpenDataProductStandard',
    shortDescription: { text: 'The product holds to the Open Data Product Standard.' },
    helpUri: 'https://bitol-io.github.io/open-data-product-standard/',
  },
];

/** Problems as SARIF 2.1.0 (OASIS), which code hosts show at their lines. */
export function printSarif(files: readonly LintedFile[], version: string): string {
  const log = {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'crossdock', version, rules: RULES } },
        columnKind: 'utf16CodeUnits',
        artifacts: files.map(({ file }) => ({ location: { uri: uriOf(file) } })),
        results: files.flatMap((file, index) => resultsOf(file, index)),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

function resultsOf({ file, standard, problems }: LintedFile, index: number) {
  return problems.map(({ message, place, pointer }) => {
    const [startLine = 1, startColumn = 1] = place?.split(':').slice(-2).map(Number) ?? [];
    return {
      ruleId: standard,
      ruleIndex: RULES.findIndex(({ id }) => id === standard),
      level: 'error',
      message: { text: message },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: uriOf(file), index },
            region: { startLine, startColumn },
          },
          logicalLocations: [{ fullyQualifiedName: pointer ?? '' }],
        },
      ],
      // The same problem after lines above it moved (SARIF §3.27.17).
      partialFingerprints: { 'problem/v1': contentHash([pointer ?? '', message]) },
    };
  });
}

/** SARIF §3.4.3: a relative URI for what lies below the folder the tool ran in. */
function uriOf(file: string): string {
  if (isAbsolute(file)) return pathToFileURL(file).href;
  return file.split(sep).map(encodeURIComponent).join('/');
}
