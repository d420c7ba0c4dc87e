import Link from "next/link";
import type { ComponentProps } from "react";
import { cn } from "./cn";

/** A table that scrolls sideways on its own, also by keyboard, if it is too wide. */
export function Table({ className, label, ...props }: ComponentProps<"table"> & { label: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1)
    <section className="relative w-full overflow-x-auto" aria-label={label} tabIndex={0}>
      <table className={cn("w-full border-collapse text-sm", className)} {...props} />
    </section>
  );
}

export function Th({ className, ...props }: ComponentProps<"th">) {
  return (
    <th
      scope="col"
      className={cn(
        "h-9 whitespace-nowrap border-b px-3 text-left font-medium text-ink-3 text-xs first:pl-4 last:pr-4",
        className,
      )}
      {...props}
    />
  );
}

export function Tr({ className, ...props }: ComponentProps<"tr">) {
  return <tr className={cn("group border-b last:border-b-0", className)} {...props} />;
}

/** A row that is one link, a `RowLink`. Content with its own tooltip or clicks needs `relative`. */
export const LinkedTr = ({ className, ...props }: ComponentProps<"tr">) => (
  <Tr
    className={cn("relative transition-colors focus-within:bg-sunken hover:bg-sunken/70", className)}
    {...props}
  />
);

/** The link of a `LinkedTr`. */
export const RowLink = ({ className, ...props }: ComponentProps<typeof Link>) => (
  <Link
    className={cn(
      "min-w-0 truncate font-medium text-ink outline-none after:absolute after:inset-0 focus-visible:after:outline-2 focus-visible:after:outline-accent focus-visible:after:-outline-offset-2",
      className,
    )}
    {...props}
  />
);

export function Td({ className, ...props }: ComponentProps<"td">) {
  return <td className={cn("px-3 py-2.5 align-middle first:pl-4 last:pr-4", className)} {...props} />;
}
