import Link from "next/link";
import { Button } from "#components/ui/button";
import { EmptyState } from "#components/ui/empty-state";

/** Inside the shell, so that the navigation stays. */
export default function PortalNotFound() {
  return (
    <EmptyState
      heading="h1"
      title="Page not found"
      action={
        <Button asChild>
          <Link href="/">Go to overview</Link>
        </Button>
      }
    >
      The address may be wrong, the page may be deleted, or you may not have access.
    </EmptyState>
  );
}
