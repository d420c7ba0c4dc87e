"use client";

import { createContext, useContext } from "react";
import type { FieldErrors } from "#lib/http/errors";

/** The errors of a form's last submission, for its fields. */
export const FieldErrorsContext = createContext<FieldErrors>({});

/** The error of a field or of an item in it ("tags.2"). */
export const useFieldError = (name: string): string | undefined =>
  fieldError(useContext(FieldErrorsContext), name);

/** All errors, by the paths of their fields. */
export const useFieldErrors = (): FieldErrors => useContext(FieldErrorsContext);

/** The id of a field's control, by name or path. Only one form is open at a time. */
export const fieldId = (path: string) => `field-${path}`;

function fieldError(fields: FieldErrors, name: string): string | undefined {
  if (fields[name] !== undefined) return fields[name];
  return Object.entries(fields).find(([path]) => path.startsWith(`${name}.`))?.[1];
}

/** The control of the first field with an error, or of the closest one that it is part of; null without any. */
export function firstWrongControl(form: HTMLElement | null, fields: FieldErrors): HTMLElement | null {
  for (const path of Object.keys(fields)) {
    const parts = path.split(".");
    for (let depth = parts.length; depth > 0; depth--) {
      const id = CSS.escape(fieldId(parts.slice(0, depth).join(".")));
      const control = form?.querySelector<HTMLElement>(`[id="${id}"], input[id^="${id}."]`);
      if (control) return control;
    }
  }
  return null;
}
