"use client";

import { createContext, type ReactNode, type RefObject, useContext, useMemo, useRef, useState } from "react";
import { Dialog } from "#components/ui/dialog";

/** What a dialog shows once its form is sent, such as a new secret. Only its own button closes it. */
export type DialogResult = { title: string; description: string; body: ReactNode };

type ResultHostControls = {
  /** @param returnTo what opened the dialog, which gets the focus back */
  show: (result: DialogResult, returnTo: RefObject<HTMLElement | null>) => void;
  close: () => void;
};

const ResultHostContext = createContext<ResultHostControls>({ show: () => {}, close: () => {} });

/** Shows a result that must not get lost: see ResultHost. */
export const useResultHost = () => useContext(ResultHostContext);

/**
 * Shows what can be shown only once. It belongs to the frame of all pages rather than to the row or page whose form was
 * sent, so that a result outlives whatever happens to them: a refresh, a filter, another page, the end of the session.
 */
export function ResultHost({ children }: { children: ReactNode }) {
  const [result, setResult] = useState<DialogResult | null>(null);
  const trigger = useRef<HTMLElement>(null);
  const controls = useMemo<ResultHostControls>(
    () => ({
      show: (next, returnTo) => {
        trigger.current = returnTo.current;
        setResult(next);
      },
      close: () => setResult(null),
    }),
    [],
  );
  return (
    <ResultHostContext value={controls}>
      {children}
      <Dialog
        open={result !== null}
        onOpenChange={() => {}}
        dismissable={false}
        returnTo={trigger}
        title={result?.title ?? ""}
        description={result?.description}
        className="max-w-xl"
      >
        {result?.body}
      </Dialog>
    </ResultHostContext>
  );
}
