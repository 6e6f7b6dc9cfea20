import type { Mask } from './api-types.ts';
import { countOf, formatDay, formatMoment, lastDay } from './format.ts';
import { describeMask } from './masks.ts';

/** Who can see a dataset or a column, as the web app reads and tells it. */

/** One way by which one reader sees one dataset. */
export interface ReaderPath {
  /** DOMAIN.PRODUCT.DATASET */
  dataset: string;
  via: 'own-domain' | 'subscription' | 'elevation';
  /** The domain whose membership gives the path. */
  domain: string;
  subscription: string | null;
  purpose: string | null;
  until: string | null;
  /** `true` gives all rows. */
  rows: string;
  /** Of the column asked for; null when the question was about all of them. */
  column: { access: 'visible' | 'masked'; mask: Mask | null } | null;
  visible: string[];
  masked: string[];
  hidden: string[];
}

export interface ReadersInput {
  /** DOMAIN.PRODUCT.DATASET[.COLUMN] */
  name: string;
  at?: string | undefined;
}

export interface ReadersPage {
  /** The moment the answer holds for. */
  at: string;
  readers: {
    id: string;
    kind: 'person' | 'service';
    name: string;
    email: string | null;
    paths: ReaderPath[];
  }[];
  next: string | null;
}

/** A line of the table: one reader, one path. */
export interface ReaderLine {
  key: string;
  name: string;
  email: string | null;
  isService: boolean;
  path: ReaderPath;
}

export const linesOf = ({ readers }: ReadersPage): ReaderLine[] =>
  readers.flatMap(({ id, kind, name, email, paths }) =>
    paths.map((path, index) => ({
      ...{ key: `${id} ${index}`, name, email, path },
      isService: kind === 'service',
    })),
  );

/** By which right, in words. */
export function throughOf({ via, purpose }: Pick<ReaderPath, 'via' | 'purpose'>): string {
  if (via === 'own-domain') return 'member of the owning domain';
  return via === 'elevation' ? 'emergency' : `subscription: ${purpose ?? 'no purpose said'}`;
}

/** The last day of a subscription; an emergency ends within minutes and is told with its time. */
export function endOf({ via, until }: Pick<ReaderPath, 'via' | 'until'>): string | null {
  if (until === null) return null;
  return `until ${via === 'elevation' ? formatMoment(until) : formatDay(lastDay(until))}`;
}

/** What is seen of the column asked for, or of all of them: one line for each kind. */
export function seenOf({ column, visible, masked, hidden }: ReaderPath): string[] {
  if (column !== null) return [column.mask ? `masked: ${describeMask(column.mask)}` : 'visible'];
  return [
    ...(visible.length > 0 ? [`${countOf(visible.length, 'column')} visible`] : []),
    ...(masked.length > 0 ? [`masked: ${masked.join(', ')}`] : []),
    ...(hidden.length > 0 ? [`hidden: ${hidden.join(', ')}`] : []),
  ];
}

/** A moment as a field gives it, in the reader's own time zone; undefined for none. */
export function momentOf(local: string): string | undefined {
  const at = new Date(local);
  return local === '' || Number.isNaN(at.getTime()) ? undefined : at.toISOString();
}
