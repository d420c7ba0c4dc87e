"use client";

import { X } from "lucide-react";
import { Dialog as Radix, AlertDialog as RadixAlert } from "radix-ui";
import type { ReactNode, RefObject } from "react";
import { Button } from "./button";
import { cn } from "./cn";
import { useFocusReturn } from "./focus-return";

const scrim = "fixed inset-0 z-50 animate-fade bg-scrim backdrop-blur-[2px]";
const sheet =
  "fixed z-50 flex max-h-[calc(100dvh-1.5rem)] w-[calc(100vw-1.5rem)] animate-rise flex-col overflow-hidden rounded-xl bg-raised shadow-pop outline-none left-1/2 top-1/2 -translate-x-1/2 -translate-y-1/2";

type DialogProps = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description?: ReactNode;
  /** False if closing by accident would lose something: then only the dialog's own buttons close it. */
  dismissable?: boolean;
  /** What opened it, which gets the focus back. */
  returnTo: RefObject<HTMLElement | null>;
  className?: string;
  children: ReactNode;
};

/** A modal dialog: it traps focus, closes on Escape and on a click outside, and returns focus. */
export function Dialog({
  open,
  onOpenChange,
  title,
  description,
  dismissable = true,
  returnTo,
  className,
  children,
}: DialogProps) {
  const onCloseAutoFocus = useFocusReturn(open, returnTo);
  const hold = (event: Event) => {
    if (!dismissable) event.preventDefault();
  };
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className={scrim} />
        <Radix.Content
          className={cn(sheet, "max-w-lg", className)}
          onEscapeKeyDown={hold}
          onPointerDownOutside={hold}
          onInteractOutside={hold}
          onCloseAutoFocus={onCloseAutoFocus}
          {...(description ? {} : { "aria-describedby": undefined })}
        >
          <header className="flex items-start gap-4 px-5 pt-5 pb-4">
            <div className="min-w-0 flex-1">
              <Radix.Title className="font-semibold text-ink text-lg tracking-tight">{title}</Radix.Title>
              {description ? (
                <Radix.Description className="mt-0.5 text-ink-2 text-sm">{description}</Radix.Description>
              ) : null}
            </div>
            {dismissable ? (
              <Radix.Close asChild>
                <Button variant="ghost" size="icon" className="-mt-1 -mr-2" aria-label="Close">
                  <X aria-hidden="true" />
                </Button>
              </Radix.Close>
            ) : null}
          </header>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

export function DialogBody({ className, children }: { className?: string; children: ReactNode }) {
  return <div className={cn("min-h-0 flex-1 overflow-y-auto px-5 pb-5", className)}>{children}</div>;
}

export function DialogFooter({ children }: { children: ReactNode }) {
  return (
    <footer className="flex items-center justify-end gap-2 border-t bg-canvas/60 px-5 py-3">
      {children}
    </footer>
  );
}

type ConfirmDialogProps = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  description: ReactNode;
  /** The text of the confirming button. */
  confirm: string;
  /** The text of the button that has the focus. */
  cancel?: string;
  /** Whether the action is easily undone. */
  harmless?: boolean;
  pending?: boolean;
  error?: string;
  /** What opened it, which gets the focus back. */
  returnTo: RefObject<HTMLElement | null>;
  onConfirm: () => void;
};

/** Asks for confirmation. Cancel has the focus. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const onCloseAutoFocus = useFocusReturn(props.open, props.returnTo);
  return (
    <RadixAlert.Root open={props.open} onOpenChange={props.onOpenChange}>
      <RadixAlert.Portal>
        <RadixAlert.Overlay className={scrim} />
        <RadixAlert.Content className={cn(sheet, "max-w-md")} onCloseAutoFocus={onCloseAutoFocus}>
          <div className="px-5 pt-5 pb-4">
            <RadixAlert.Title className="font-semibold text-ink text-lg tracking-tight">
              {props.title}
            </RadixAlert.Title>
            <RadixAlert.Description asChild>
              <div className="mt-1.5 text-ink-2 text-sm">{props.description}</div>
            </RadixAlert.Description>
            {props.error ? (
              <p role="alert" className="mt-3 text-danger text-sm">
                {props.error}
              </p>
            ) : null}
          </div>
          <DialogFooter>
            <RadixAlert.Cancel asChild>
              <Button disabled={props.pending}>{props.cancel ?? "Cancel"}</Button>
            </RadixAlert.Cancel>
            <Button
              variant={props.harmless ? "primary" : "danger"}
              pending={props.pending}
              onClick={props.onConfirm}
            >
              {props.confirm}
            </Button>
          </DialogFooter>
        </RadixAlert.Content>
      </RadixAlert.Portal>
    </RadixAlert.Root>
  );
}
