import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Product } from '../api-types.ts';
import { formatDay } from '../format.ts';
import { ChangeList } from '../parts/change-list.tsx';
import { CopyButton } from '../parts/copy-button.tsx';
import { Empty, ErrorNotice, Loading } from '../parts/notice.tsx';
import { YamlView } from '../parts/yaml-view.tsx';
import { productSegment } from '../product-address.ts';
import { contractVersionsQuery } from '../queries.ts';

/** The data contract as its producer wrote it (ODCS). */
export function ProductContract({ product }: { product: Product }) {
  if (product.datasets.length === 0) {
    return <Empty title="No contract yet">A contract comes with the product's first dataset.</Empty>;
  }
  return (
    <div className="space-y-8">
      {product.datasets.map(({ id, name, contract }) => (
        <section key={id} aria-labelledby={`contract-${id}`}>
          <div className="flex items-center justify-between gap-3 rounded-t-lg border border-b-0 border-line bg-surface py-1.5 pr-2 pl-3">
            <h2 id={`contract-${id}`} className="min-w-0 truncate text-sm">
              {name}.odcs.yaml
              <span className="ml-2 font-mono text-xs font-normal text-ink-faint">
                {contract.id} v{contract.version}
              </span>
            </h2>
            <CopyButton text={contract.text} label={`Copy the contract of ${name}`} />
          </div>
          <YamlView text={contract.text} label={`Contract of ${name}`} />
          <ContractHistory product={product} dataset={name} />
        </section>
      ))}
    </div>
  );
}

/** What each version of the contract changed; read when it is looked at. */
function ContractHistory({ product, dataset }: { product: Product; dataset: string }) {
  const [open, setOpen] = useState(false);
  return (
    <details className="mt-2" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary className="w-fit cursor-pointer rounded-md px-1 text-sm text-ink-soft hover:text-ink">
        Versions of this contract
      </summary>
      {open && <Versions product={product} dataset={dataset} />}
    </details>
  );
}

function Versions({ product, dataset }: { product: Product; dataset: string }) {
  const history = useQuery(contractVersionsQuery(product.domain, productSegment(product), dataset));
  if (history.isPending) return <Loading label="Reading its versions" lines={2} />;
  if (history.isError) return <ErrorNotice error={history.error} retry={() => void history.refetch()} />;
  const { versions, more } = history.data;
  return (
    <ol className="mt-3 space-y-4" aria-label={`Versions of the contract of ${dataset}`}>
      {versions.map(({ version, at, changes }, index) => (
        <li key={version} className="space-y-1.5">
          <p className="flex gap-3">
            <span className="font-mono">{version}</span>
            <time dateTime={at} className="text-ink-faint">
              {formatDay(at)}
            </time>
          </p>
          {changes.length === 0 && (
            <p className="text-sm text-ink-soft">
              {index === versions.length - 1 && !more ? 'The first version.' : 'It promises the same.'}
            </p>
          )}
          <ChangeList changes={changes} />
        </li>
      ))}
      {more && <li className="text-sm text-ink-soft">Earlier versions are not shown.</li>}
    </ol>
  );
}
