import type { Product } from '../api-types.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { Empty } from '../parts/notice.tsx';
import { YamlView } from '../parts/yaml-view.tsx';

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
        </section>
      ))}
    </div>
  );
}
