import type { ReactNode } from "react";

/** What stands in for something that is loading, which screen readers are told instead. */
export const Placeholder = ({ what, children }: { what: string; children: ReactNode }) => (
  <div aria-busy="true">
    <p role="status" className="sr-only">
      Loading {what}
    </p>
    {children}
  </div>
);
