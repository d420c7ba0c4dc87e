import Link from "next/link";
import { Button } from "#components/ui/button";
import { EmptyState } from "#components/ui/empty-state";

export default function RequestNotFound() {
  return (
    <EmptyState
      heading="h1"
      title="There is no such request"
      action={
        <Button asChild>
          <Link href="/requests">Go to the requests</Link>
        </Button>
      }
    >
      The id is wrong, or the request is not yours to see.
    </EmptyState>
  );
}
