import { Placeholder } from "#components/ui/placeholder";
import { Skeleton } from "#components/ui/skeleton";
import { DetailGrid } from "./detail-grid";

/** Placeholder for the panels of a detail page. */
export function DetailSkeleton({ what }: { what: string }) {
  return (
    <Placeholder what={what}>
      <DetailGrid
        main={
          <>
            <div className="panel flex flex-col gap-3 p-5">
              <Skeleton className="h-3 w-24" />
              <Skeleton className="h-8 w-40" />
              <Skeleton className="h-2" />
            </div>
            <div className="panel p-4">
              <Skeleton className="h-4 w-24" />
              <Skeleton className="mt-6 h-44" />
            </div>
          </>
        }
        aside={
          <div className="panel flex flex-col gap-5 p-4">
            <Skeleton className="h-4 w-24" />
            {["a", "b", "c", "d", "e"].map((key) => (
              <Skeleton key={key} className="h-4" />
            ))}
          </div>
        }
      />
    </Placeholder>
  );
}
