import Link from "next/link";
import { Button } from "#components/ui/button";
import { EmptyState } from "#components/ui/empty-state";

export default function RequestNotFound() {
  return (
    <EmptyState
      heading="h1"
      title="Request not found"
      action={
        <Button asChild>
          <Link href="/requests">Go to requests</Link>
        </Button>
      }
    >
      The ID may be wrong, or you may not have access.
    </EmptyState>
  );
}
