import type { ReactNode } from "react";

/** The filters above a list: two columns where there is little room, else a row. */
export const FilterBar = ({ children }: { children: ReactNode }) => (
  <fieldset className="mb-4 grid grid-cols-2 gap-2 sm:flex sm:flex-wrap sm:items-center" aria-label="Filters">
    {children}
  </fieldset>
);
