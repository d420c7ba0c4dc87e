import type { ReactNode } from "react";

type Props = {
  /** The main panels. */
  main: ReactNode;
  /** Details: next to the main panels on wide screens, otherwise below. */
  aside: ReactNode;
};

/** The panels of a detail page. */
export const DetailGrid = ({ main, aside }: Props) => (
  <div className="grid grid-cols-1 items-start gap-4 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
    <div className="flex min-w-0 flex-col gap-4">{main}</div>
    <div className="flex min-w-0 flex-col gap-4">{aside}</div>
  </div>
);
