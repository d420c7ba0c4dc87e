import Link from "next/link";
import { Logo } from "#components/brand/logo";
import { Button } from "#components/ui/button";
import { EmptyState } from "#components/ui/empty-state";

export default function NotFound() {
  return (
    <main className="flex min-h-dvh flex-col items-center justify-center p-6">
      <Logo />
      <EmptyState
        heading="h1"
        title="Page not found"
        action={
          <Button asChild>
            <Link href="/">Go to overview</Link>
          </Button>
        }
      >
        The address may be wrong, or you may not have access.
      </EmptyState>
    </main>
  );
}
