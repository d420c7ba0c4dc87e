import { headers } from "next/headers";
import { type ReactNode, Suspense } from "react";

type Props = {
  /** Another key shows the fallback again, also where the page stays. */
  id: string;
  fallback: ReactNode;
  children: ReactNode;
};

/**
 * Shows the fallback while its children wait for the database, but only where Next moves between pages. A
 * page that is loaded whole comes whole: streamed parts need script to get to their places.
 */
export async function Streamed({ id, fallback, children }: Props) {
  const isDocument = (await headers()).get("sec-fetch-dest") === "document";
  if (isDocument) return children;
  return (
    <Suspense key={id} fallback={fallback}>
      {children}
    </Suspense>
  );
}
