import { Placeholder } from "./placeholder";
import { Skeleton } from "./skeleton";

/** Placeholder for the rows of a table. */
export function TableSkeleton({ rows = 10, what }: { rows?: number; what: string }) {
  return (
    <Placeholder what={what}>
      <div className="h-9 border-b" />
      {Array.from({ length: rows }, (_, row) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: empty rows have no other key
        <div key={row} className="flex h-10 items-center gap-6 border-b px-4 last:border-b-0">
          <Skeleton className="h-3 w-40 max-w-[40%]" />
          <Skeleton className="hidden h-3 w-28 md:block" />
          <Skeleton className="hidden h-3 w-16 sm:block" />
          <Skeleton className="ml-auto h-3 w-20" />
        </div>
      ))}
    </Placeholder>
  );
}
