import { Skeleton } from "#components/ui/skeleton";

export function OverviewSkeleton() {
  return (
    <div aria-busy="true" className="flex flex-col gap-4">
      <p role="status" className="sr-only">
        Loading overview
      </p>
      <div className="panel grid h-[6.75rem] grid-cols-2 gap-8 p-5 lg:grid-cols-4">
        {["a", "b", "c", "d"].map((key) => (
          <div key={key} className="flex flex-col gap-2.5">
            <Skeleton className="h-3 w-16" />
            <Skeleton className="h-7 w-28" />
          </div>
        ))}
      </div>
      <div className="grid gap-4 lg:grid-cols-3">
        <div className="panel p-4 lg:col-span-2">
          <Skeleton className="h-4 w-24" />
          <Skeleton className="mt-6 h-56" />
        </div>
        <div className="panel flex flex-col gap-5 p-4">
          <Skeleton className="h-4 w-24" />
          {["a", "b", "c", "d", "e"].map((key) => (
            <Skeleton key={key} className="h-5" />
          ))}
        </div>
      </div>
    </div>
  );
}
