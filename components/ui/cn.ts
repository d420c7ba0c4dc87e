import { type ClassValue, clsx } from "clsx";
import { extendTailwindMerge } from "tailwind-merge";

const merge = extendTailwindMerge({
  extend: { theme: { text: ["2xs"], shadow: ["panel", "pop"] }, classGroups: { "font-size": ["text-2xs"] } },
});

/** Joins class names; of two that conflict, the later one wins. */
export const cn = (...classes: ClassValue[]): string => merge(clsx(classes));
