"use client";

import dynamic from "next/dynamic";
import { useSyncExternalStore } from "react";
import type { BarsProps } from "./drawn-bars";

const DrawnBars = dynamic(() => import("./drawn-bars").then((module) => module.DrawnBars), { ssr: false });

function onLoad(loaded: () => void): () => void {
  window.addEventListener("load", loaded);
  return () => window.removeEventListener("load", loaded);
}

/**
 * The bars of a chart. The library that draws them is most of a page's script, so it is loaded once the page is there.
 * The chart is hidden from screen readers, which read its table instead.
 */
export function StackedBars(props: BarsProps) {
  const isLoaded = useSyncExternalStore(
    onLoad,
    () => document.readyState === "complete",
    () => false,
  );
  return (
    <div className="relative h-full" style={{ minHeight: props.minHeight }} aria-hidden="true">
      {isLoaded ? <DrawnBars {...props} /> : null}
    </div>
  );
}
