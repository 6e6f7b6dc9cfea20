import { clsx, type ClassValue } from 'clsx';
import { twMerge } from 'tailwind-merge';

/** Joins class names; a later one wins over an earlier one that sets the same thing. */
export const cn = (...values: ClassValue[]): string => twMerge(clsx(values));
