import { headers } from "next/headers";
import type { ReactNode } from "react";
import { StreamedPart } from "#components/shell/streamed-part";

type Props = {
  /** A new key shows the fallback again, even on the same page. */
  id: string;
  fallback: ReactNode;
  children: ReactNode;
};

/**
 * Shows the fallback while its children wait for the database, but only on client-side navigation. A full page
 * load waits for everything, because streamed parts need JavaScript to appear. The server's tree is the same for both.
 */
export async function Streamed({ id, fallback, children }: Props) {
  const isDocument = (await headers()).get("sec-fetch-dest") === "document";
  return (
    <StreamedPart key={id} withPage={isDocument} fallback={fallback}>
      {children}
    </StreamedPart>
  );
}
