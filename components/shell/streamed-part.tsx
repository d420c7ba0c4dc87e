"use client";

import { type ReactNode, Suspense, useState } from "react";

type Props = {
  /** Whether the server sends this part together with the page around it. Read once, when the part is mounted. */
  withPage: boolean;
  fallback: ReactNode;
  children: ReactNode;
};

/**
 * A part of a page that may arrive after the rest. How it is rendered is decided when it is mounted: a later answer of
 * the server, whose request had other headers, updates the same tree. Otherwise React would mount everything in it
 * again, and lose a dialog that is open there.
 */
export function StreamedPart({ withPage, fallback, children }: Props) {
  const [isWhole] = useState(withPage);
  return isWhole ? children : <Suspense fallback={fallback}>{children}</Suspense>;
}
