"use client";

import { useRouter } from "next/navigation";
import type { MouseEvent, ReactNode } from "react";

/**
 * Scrolls sideways, and opens the plain links to pages in it without a full load, as `next/link` does. One handler,
 * because a client component in every row is what a long table costs most.
 */
export function FollowedLinks({ label, children }: { label: string; children: ReactNode }) {
  const router = useRouter();
  const follow = (event: MouseEvent<HTMLElement>) => {
    const href = followedHref(event);
    if (href === null) return;
    event.preventDefault();
    router.push(href);
  };
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the links in it are operated, by keyboard too, and it only hears of that
    <section
      className="relative w-full overflow-x-auto"
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1)
      tabIndex={0}
      onClick={follow}
    >
      {children}
    </section>
  );
}

/** The address of a link within this site that the click opens in this tab; null for every other click. */
function followedHref(event: MouseEvent<HTMLElement>): string | null {
  if (event.defaultPrevented || event.button !== 0) return null;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return null;
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  // A dialog opened from a row is elsewhere in the document, though its clicks come here.
  if (link === null || !event.currentTarget.contains(link)) return null;
  if (link.target !== "" || link.hasAttribute("download")) return null;
  const href = link.getAttribute("href");
  return href?.startsWith("/") && link.origin === location.origin ? href : null;
}
