import type { ComponentProps, ReactNode } from "react";
import { cn } from "./cn";
import { FollowedLinks } from "./followed-links";

// The look of cells is in app/globals.css: a class list in every cell, sent twice, is most of a long table's size.

type TableProps = ComponentProps<"table"> & {
  label: string;
  /** The headings of the columns. */
  head: ReactNode;
};

/** A table that scrolls sideways on its own, also by keyboard, if it is too wide. Its children are rows. */
export function Table({ className, label, head, children, ...props }: TableProps) {
  return (
    <FollowedLinks label={label}>
      <table className={cn("w-full border-collapse text-sm", className)} {...props}>
        <thead>
          <tr>{head}</tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </FollowedLinks>
  );
}

export const Th = ({ className, ...props }: ComponentProps<"th">) => (
  <th scope="col" className={joined("head-cell", className)} {...props} />
);

export const Tr = ({ className, ...props }: ComponentProps<"tr">) => (
  <tr className={joined("row", className)} {...props} />
);

/** A row that is one link, a `RowLink`. Content with its own tooltip or clicks needs `relative`. */
export const LinkedTr = ({ className, ...props }: ComponentProps<"tr">) => (
  <Tr className={joined("linked-row", className)} {...props} />
);

/** The link of a `LinkedTr`. A plain element: `FollowedLinks` opens all the links of a table without a full load. */
export const RowLink = ({ className, ...props }: ComponentProps<"a"> & { href: string }) => (
  <a className={joined("row-link", className)} {...props} />
);

export const Td = ({ className, ...props }: ComponentProps<"td">) => (
  <td className={joined("cell", className)} {...props} />
);

/** Utilities take precedence over the components of app/globals.css, so there is nothing to merge. */
const joined = (name: string, className: string | undefined) => (className ? `${name} ${className}` : name);

/** The heading of a column with a row's buttons. */
export const ActionsTh = () => (
  <Th className="w-0">
    <span className="sr-only">Actions</span>
  </Th>
);

export const ActionsTd = ({ children }: { children: ReactNode }) => (
  <Td className="pl-0 text-right">{children}</Td>
);
