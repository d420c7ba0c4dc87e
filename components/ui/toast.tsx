"use client";

import { X } from "lucide-react";
import { Toaster as Sonner, toast } from "sonner";

const SHOWN_MS = 4_000;

/** Says for some seconds that something is done. */
export function showDone(text: string): void {
  toast(text, { duration: SHOWN_MS });
}

/** Says what went wrong, until it is closed. The same text is shown once. */
export function showError(text: string): void {
  toast.error(<span role="alert">{text}</span>, {
    id: text,
    duration: Number.POSITIVE_INFINITY,
    closeButton: true,
  });
}

/** Where both are shown: once, outside of all pages. */
export function Toaster() {
  return (
    <Sonner
      position="bottom-right"
      icons={{ error: null, close: <X className="size-4" aria-hidden="true" /> }}
      toastOptions={{
        unstyled: true,
        closeButtonAriaLabel: "Dismiss",
        classNames: {
          toast:
            "flex w-(--width) items-start gap-3 rounded-lg bg-ink px-4 py-2.5 font-sans text-canvas text-sm shadow-pop data-[type=error]:bg-danger data-[type=error]:text-on-danger",
          content: "min-w-0 flex-1 wrap-break-word",
          closeButton: "order-last -mr-1 shrink-0 rounded-sm p-0.5",
        },
      }}
    />
  );
}
