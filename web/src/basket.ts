import { useSyncExternalStore } from 'react';

/** Products that are to be asked for together, for this browser tab and the person signed in only. */
export const BASKET_KEY = 'crossdock.basket';
/** As the server takes at once. */
export const MOST_PRODUCTS = 20;

/** `domain.product`, with the title that people know it by. */
export interface BasketItem {
  product: string;
  title: string;
}

const listeners = new Set<() => void>();
let known: { text: string; items: BasketItem[] } = { text: '', items: [] };

function readBasket(): BasketItem[] {
  const text = sessionStorage.getItem(BASKET_KEY) ?? '[]';
  if (text !== known.text) known = { text, items: parse(text) };
  return known.items;
}

function parse(text: string): BasketItem[] {
  try {
    const kept: unknown = JSON.parse(text);
    return Array.isArray(kept) ? kept.filter(isItem) : [];
  } catch {
    return [];
  }
}

function isItem(value: unknown): value is BasketItem {
  const item = value as Partial<BasketItem> | null;
  return typeof item?.product === 'string' && typeof item.title === 'string';
}

function write(items: BasketItem[]): void {
  sessionStorage.setItem(BASKET_KEY, JSON.stringify(items));
  for (const listener of listeners) listener();
}

export function addToBasket(item: BasketItem): void {
  const others = readBasket().filter(({ product }) => product !== item.product);
  if (others.length < MOST_PRODUCTS) write([...others, item]);
}

export function takeFromBasket(product: string): void {
  write(readBasket().filter((item) => item.product !== product));
}

export const emptyBasket = (): void => write([]);

export function useBasket(): BasketItem[] {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, readBasket);
}
