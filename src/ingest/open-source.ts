import { MESH_DOMAIN } from '../audit/chain-files/write-chain-files.ts';
import type { Settings } from '../identity/context.ts';
import { openFileSource } from './file-source.ts';
import type { RawSource } from './raw-source.ts';
import type { NamedSource } from './store.ts';

/** The files of a source, below the operator's folder of raw data; those of the mesh's own domain below its own. */
export function openSource(
  { sourcesFolder, chainFolder }: Pick<Settings, 'sourcesFolder' | 'chainFolder'>,
  { domain, document }: Pick<NamedSource, 'domain' | 'document'>,
): Promise<RawSource> {
  const root = domain === MESH_DOMAIN ? chainFolder : sourcesFolder;
  return openFileSource({ root, domain, path: document.path });
}
