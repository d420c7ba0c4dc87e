import Link from "next/link";
import { Button } from "#components/ui/button";
import { EmptyState } from "#components/ui/empty-state";

/** Within the shell: the navigation stays. */
export default function PortalNotFound() {
  return (
    <EmptyState
      heading="h1"
      title="There is nothing here"
      action={
        <Button asChild>
          <Link href="/">Go to the overview</Link>
        </Button>
      }
    >
      The address is wrong, or what was here is gone or not yours to see.
    </EmptyState>
  );
}
