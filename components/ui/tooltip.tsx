"use client";

import { useEffect, useId, useLayoutEffect, useRef, useState } from "react";

const SHOW_AFTER_MS = 250;
/** Long enough to move the pointer onto the tooltip (WCAG 1.4.13). */
const HIDE_AFTER_MS = 120;
const GAP_PX = 6;
const MARGIN_PX = 8;

/**
 * Shows the text in `data-tip` of the element under the pointer: additional text, never the only place for a piece of
 * information. One for the whole page, so that an element with a tooltip costs an attribute and not a component.
 */
export function Tooltips() {
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  const shown = useRef<HTMLDivElement>(null);
  const id = useId();

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const change = (next: HTMLElement | null, afterMs: number) => {
      clearTimeout(timer);
      timer = setTimeout(() => setAnchor(next), afterMs);
    };
    const onOver = ({ target, pointerType }: PointerEvent) => {
      if (pointerType === "touch" || !(target instanceof Element)) return;
      if (shown.current?.contains(target)) return clearTimeout(timer);
      const next = target.closest<HTMLElement>("[data-tip]");
      change(next, next === null ? HIDE_AFTER_MS : SHOW_AFTER_MS);
    };
    const hide = () => change(null, 0);
    const onKey = ({ key }: KeyboardEvent) => {
      if (key === "Escape") hide();
    };
    document.addEventListener("pointerover", onOver);
    document.documentElement.addEventListener("pointerleave", hide);
    document.addEventListener("pointerdown", hide);
    document.addEventListener("keydown", onKey);
    // Also what scrolls within the page.
    document.addEventListener("scroll", hide, true);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("pointerover", onOver);
      document.documentElement.removeEventListener("pointerleave", hide);
      document.removeEventListener("pointerdown", hide);
      document.removeEventListener("keydown", onKey);
      document.removeEventListener("scroll", hide, true);
    };
  }, []);

  useLayoutEffect(() => {
    const { current } = shown;
    if (anchor === null || current === null) return;
    place(current, anchor.getBoundingClientRect());
    anchor.setAttribute("aria-describedby", id);
    return () => anchor.removeAttribute("aria-describedby");
  }, [anchor, id]);

  if (!anchor?.isConnected) return null;
  return (
    <div
      ref={shown}
      id={id}
      role="tooltip"
      className="figures fixed z-60 max-w-72 animate-fade rounded-md bg-ink px-2 py-1 text-canvas text-xs shadow-pop"
    >
      {anchor.dataset.tip}
    </div>
  );
}

/** Above the anchor if there is space, and within the window. */
function place(tip: HTMLElement, { left, width, top, bottom }: DOMRect): void {
  const most = document.documentElement.clientWidth - tip.offsetWidth - MARGIN_PX;
  const above = top - tip.offsetHeight - GAP_PX;
  tip.style.left = `${Math.max(MARGIN_PX, Math.min(left + width / 2 - tip.offsetWidth / 2, most))}px`;
  tip.style.top = `${above >= MARGIN_PX ? above : bottom + GAP_PX}px`;
}
