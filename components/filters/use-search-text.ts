"use client";

import { useRouter, useSearchParams } from "next/navigation";
import { useCallback, useEffect, useRef, useState } from "react";

const PAUSE_MS = 250;

type SearchText = {
  /** The text in the search box. */
  text: string;
  /** Sets the text; the list follows after a pause. */
  type: (text: string) => void;
  /** Makes the list follow immediately. */
  apply: () => void;
};

/**
 * The search text of a list, in the address as `?q=`. Without nuqs' debounce, because its pending update also
 * runs after a click on a link and then undoes the navigation.
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
    // Like nuqs: first the address, which a filter may read in the meantime, then the page.
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

  // The address has changed, by this hook or a link: use its text, unless an update is pending.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the effect waits for it.
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

/** Whether the click opens another page in this tab. */
function isFollowed({ target, button, ctrlKey, metaKey, shiftKey, altKey }: MouseEvent): boolean {
  const link = linkAt(target);
  if (link === null || link.target === "_blank") return false;
  return button === 0 && !(ctrlKey || metaKey || shiftKey || altKey);
}

/** The link that contains an element, if any. */
export function linkAt(target: EventTarget | null): HTMLAnchorElement | null {
  return target instanceof Element ? target.closest<HTMLAnchorElement>("a[href]") : null;
}
