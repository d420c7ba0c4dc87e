"use client";

import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "./button";
import { cn } from "./cn";

type CopyButtonProps = {
  text: string;
  /** What is copied, for screen readers: "key". */
  what: string;
  /** With text next to the icon. */
  labelled?: boolean;
  variant?: "primary" | "secondary" | "ghost";
  className?: string;
};

const SHOWN_MS = 1600;

export function CopyButton({ text, what, labelled = false, variant = "ghost", className }: CopyButtonProps) {
  const [state, setState] = useState<"idle" | "copied" | "failed">("idle");
  useEffect(() => {
    if (state === "idle") return;
    const timer = setTimeout(() => setState("idle"), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = async () => setState((await copyText(text)) ? "copied" : "failed");
  const word = state === "copied" ? "Copied" : state === "failed" ? "Copy failed" : "Copy";
  return (
    <Button
      variant={variant}
      size={labelled ? "md" : "icon"}
      className={cn(!labelled && "size-7", className)}
      aria-label={labelled ? undefined : `Copy ${what}`}
      onClick={copy}
    >
      {state === "copied" ? (
        <Check className={cn(variant !== "primary" && "text-accent")} aria-hidden="true" />
      ) : (
        <Copy aria-hidden="true" />
      )}
      {labelled ? word : null}
      <span role="status" className="sr-only">
        {state === "idle" ? "" : word}
      </span>
    </Button>
  );
}

/** The clipboard API needs HTTPS or localhost; elsewhere `execCommand` still works. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    area.style.position = "fixed";
    area.style.opacity = "0";
    (document.activeElement?.closest('[role="dialog"]') ?? document.body).append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}
