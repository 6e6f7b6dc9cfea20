import type { Problem } from '../base/errors.ts';
import { checkRestriction, type WrittenRestriction } from '../policy/restriction.ts';
import { meant } from '../contracts/suggest.ts';
import type { DeclaredDataset, Place } from './declaration.ts';
import { pathOf } from './document-rules.ts';

/** Restrictions that could not do what they say on the datasets they stand above. */
export function checkRestrictions(
  restrictions: readonly WrittenRestriction[],
  datasets: readonly DeclaredDataset[],
  place: Place,
): Problem[] {
  return restrictions.flatMap((restriction, index) =>
    checkOne(restriction, datasets).map(({ message, pointer = '' }) => ({
      message,
      place: place(['restrictions', index, ...pathOf(pointer)]),
    })),
  );
}

function checkOne(restriction: WrittenRestriction, datasets: readonly DeclaredDataset[]): Problem[] {
  const wanted = restriction.appliesTo.datasets;
  const names = datasets.map(({ name }) => name);
  const unknown = (wanted ?? []).filter((name) => !names.includes(lastPart(name)));
  const concerned = datasets.filter(
    ({ name }) => wanted === undefined || wanted.some((one) => lastPart(one) === name),
  );
  const verdicts = concerned.map((dataset) => checkRestriction(restriction, dataset));
  // Without `datasets` a column may be missing here and there, but not everywhere.
  const everywhere = (problem: Problem) =>
    problem.pointer !== '/appliesTo/columns' ||
    wanted !== undefined ||
    verdicts.every((verdict) => verdict.some(({ message }) => message === problem.message));
  const found = new Map(
    verdicts
      .flat()
      .filter(everywhere)
      .map((problem) => [problem.message, problem]),
  );
  return [
    ...unknown.map((name) => ({
      message: `there is no dataset ${name}${meant(lastPart(name), names)}`,
      pointer: '/appliesTo/datasets',
    })),
    ...found.values(),
  ];
}

/** A dataset may be named `dataset`, `product.dataset` or `domain.product.dataset`. */
function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}
