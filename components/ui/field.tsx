import type { ReactNode } from "react";
import { cn } from "./cn";

/** The attributes that connect a control with its label, hint and error. */
export type FieldWiring = {
  id: string;
  "aria-invalid": true | undefined;
  "aria-describedby": string | undefined;
};

type FieldProps = {
  id: string;
  label: string;
  hint?: ReactNode;
  error?: string;
  /** At the right of the label, such as "optional". */
  aside?: ReactNode;
  className?: string;
  children: (wiring: FieldWiring) => ReactNode;
};

/** A control with its label, error and hint. */
export function Field({ id, label, hint, error, aside, className, children }: FieldProps) {
  const describedBy = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(" ");
  return (
    <div className={cn("flex flex-col gap-1.5", className)}>
      <div className="flex items-baseline justify-between gap-3">
        <label htmlFor={id} className="font-medium text-ink text-sm">
          {label}
        </label>
        {aside ? <span className="text-ink-3 text-xs">{aside}</span> : null}
      </div>
      {children({
        id,
        "aria-invalid": error ? true : undefined,
        "aria-describedby": describedBy || undefined,
      })}
      <FieldError id={id}>{error}</FieldError>
      <FieldHint id={id}>{hint}</FieldHint>
    </div>
  );
}

type Text = { id: string; children: ReactNode };

/** What is wrong with a field, if anything. */
export const FieldError = ({ id, children }: Text) =>
  children ? (
    <p id={`${id}-error`} className="text-danger text-xs">
      {children}
    </p>
  ) : null;

/** What to know about a field, if anything. */
export const FieldHint = ({ id, children }: Text) =>
  children ? (
    <p id={`${id}-hint`} className="text-ink-3 text-xs">
      {children}
    </p>
  ) : null;
