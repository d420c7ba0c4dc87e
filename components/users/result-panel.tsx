"use client";

import type { ReactNode } from "react";
import { Button } from "#components/ui/button";
import { DialogBody, DialogFooter } from "#components/ui/dialog";

/** What became of a change, until the reader closes it. */
export const ResultPanel = ({ children, onDone }: { children: ReactNode; onDone: () => void }) => (
  <>
    <DialogBody>
      <p className="text-ink-2 text-sm">{children}</p>
    </DialogBody>
    <DialogFooter>
      <Button variant="primary" onClick={onDone} autoFocus>
        Done
      </Button>
    </DialogFooter>
  </>
);
