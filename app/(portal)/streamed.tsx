import { headers } from "next/headers";
import { type ReactNode, Suspense } from "react";

type Props = {
  /** A new key shows the fallback again, even on the same page. */
  id: string;
  fallback: ReactNode;
  children: ReactNode;
};

/**
 * Shows the fallback while its children wait for the database, but only on client-side navigation. A full page
 * load waits for everything, because streamed parts need JavaScript to appear.
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
