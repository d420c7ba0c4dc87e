"use client";

import { Fragment, type ReactNode, Suspense, useState } from "react";

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
  // Without a fiber of its own around them, React 19.3 may remove the children twice: when it renders a component again
  // that waited for a part of its children, it keeps the deletions of the first attempt. The key makes that fiber.
  if (isWhole) return <Fragment key="whole">{children}</Fragment>;
  return <Suspense fallback={fallback}>{children}</Suspense>;
}
