"use client";

import { useRouter, useSearchParams } from "next/navigation";
import { useCallback, useEffect, useRef, useState } from "react";

const PAUSE_MS = 250;

type SearchText = {
  /** What stands in the box. */
  text: string;
  /** Takes what is typed; the list follows after a pause. */
  type: (text: string) => void;
  /** The list follows now, if it has not yet. */
  apply: () => void;
};

/**
 * The text that a list is searched for, in the address as `?q=`. Not by nuqs' debounce: an update that it has
 * pending is carried out after a click on a link, too, on the page that is being left, and takes the click back.
 */
export function useSearchText(): SearchText {
  const router = useRouter();
  const params = useSearchParams();
  const pending = useRef<{ text: string; timer: ReturnType<typeof setTimeout> } | null>(null);
  const [typed, setTyped] = useState<string | null>(null);

  const drop = useCallback(() => {
    clearTimeout(pending.current?.timer);
    pending.current = null;
  }, []);

  const apply = useCallback(() => {
    if (pending.current === null) return;
    const { text } = pending.current;
    drop();
    const url = addressWith(text);
    // As nuqs does: the address at once, for a filter that is set meanwhile; then the page.
    history.replaceState(null, "", url);
    router.replace(url, { scroll: false });
  }, [drop, router]);

  function type(text: string): void {
    setTyped(text);
    drop();
    pending.current = { text, timer: setTimeout(apply, PAUSE_MS) };
  }

  useEffect(() => {
    const onClick = (event: MouseEvent) => {
      if (isFollowed(event)) drop();
    };
    window.addEventListener("click", onClick);
    window.addEventListener("popstate", drop);
    return () => {
      window.removeEventListener("click", onClick);
      window.removeEventListener("popstate", drop);
      drop();
    };
  }, [drop]);

  // The address has changed, by us or by a link: it counts, unless there is something newer to come.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is what is waited for.
  useEffect(() => {
    if (pending.current === null) setTyped(null);
  }, [params]);

  return { text: typed ?? params.get("q") ?? "", type, apply };
}

function addressWith(text: string): string {
  const search = new URLSearchParams(location.search);
  if (text === "") search.delete("q");
  else search.set("q", text);
  search.delete("cursor");
  return `${location.pathname}${search.size > 0 ? `?${search}` : ""}${location.hash}`;
}

/** Whether the click takes this tab to another page. */
function isFollowed({ target, button, ctrlKey, metaKey, shiftKey, altKey }: MouseEvent): boolean {
  const link = linkAt(target);
  if (link === null || link.target === "_blank") return false;
  return button === 0 && !(ctrlKey || metaKey || shiftKey || altKey);
}

/** The link that something is in, if it is in one. */
export function linkAt(target: EventTarget | null): HTMLAnchorElement | null {
  return target instanceof Element ? target.closest<HTMLAnchorElement>("a[href]") : null;
}
