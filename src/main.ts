import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

// Half of a start is stripping types and compiling: done once, beside the packages, where that may be written.
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/compile', import.meta.url)));

const { runCommandLine } = await import('./command-line.ts');
process.exitCode = await runCommandLine(process.argv.slice(2));
