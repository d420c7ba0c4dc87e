import Link from "next/link";
import { Button } from "#components/ui/button";
import { EmptyState } from "#components/ui/empty-state";

type Props = {
  /** "users" */
  what: string;
  /** The list without its filters. */
  clearHref: string;
};

/** Shown instead of a list that its filters leave empty. */
export const NoResults = ({ what, clearHref }: Props) => (
  <EmptyState
    title="No results"
    action={
      <Button asChild>
        <Link href={clearHref}>Clear filters</Link>
      </Button>
    }
  >
    No {what} match these filters.
  </EmptyState>
);
