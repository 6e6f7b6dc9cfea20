import { useMutation } from '@tanstack/react-query';
import { publishProduct } from '../api.ts';
import { productSegment } from '../product-address.ts';
import type { Product } from '../api-types.ts';
import { forgetAccess } from '../cache.ts';
import { Button } from '../parts/button.tsx';
import { ErrorNotice } from '../parts/notice.tsx';

/** A draft is seen only by its own domain; those who may, open it from here. */
export function PublishNotice({ product }: { product: Product }) {
  const publish = useMutation({
    mutationFn: () => publishProduct(product.domain, productSegment(product)),
    onSuccess: forgetAccess,
  });
  if (product.status !== 'draft' || !product.may.publish) return null;
  return (
    <div className="space-y-2">
      <div className="flex flex-wrap items-center justify-between gap-3 rounded-lg border border-line bg-surface py-2 pr-2 pl-4">
        <p className="text-ink-soft">This is a draft: only your domain sees it.</p>
        <Button look="primary" size="small" busy={publish.isPending} onClick={() => publish.mutate()}>
          Publish
        </Button>
      </div>
      {publish.isError && <ErrorNotice error={publish.error} />}
    </div>
  );
}
