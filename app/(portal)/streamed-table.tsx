import type { ReactNode } from "react";
import { Card } from "#components/ui/card";
import { TableSkeleton } from "#components/ui/table-skeleton";
import { Streamed } from "./streamed";

type Props = {
  /** Another id is another list: it shows the placeholder again. */
  id: string;
  /** What the list has, for screen readers. */
  what: string;
  /** How many rows the placeholder has. */
  rows?: number;
  children: ReactNode;
};

/** A card with a list that waits for the database, and its placeholder. */
export const StreamedTable = ({ id, what, rows, children }: Props) => (
  <Card>
    <Streamed id={id} fallback={<TableSkeleton what={what} rows={rows} />}>
      {children}
    </Streamed>
  </Card>
);
