"use client";

import { createContext, useContext } from "react";
import type { FieldErrors } from "#lib/http/errors";

/** The errors of a form's last submission, for its fields. */
export const FieldErrorsContext = createContext<FieldErrors>({});

/** The error of a field or of an item in it ("tags.2"). */
export const useFieldError = (name: string): string | undefined =>
  fieldError(useContext(FieldErrorsContext), name);

/** The id of a field's control, by name or path. Only one form is open at a time. */
export const fieldId = (path: string) => `field-${path}`;

function fieldError(fields: FieldErrors, name: string): string | undefined {
  if (fields[name] !== undefined) return fields[name];
  return Object.entries(fields).find(([path]) => path.startsWith(`${name}.`))?.[1];
}

/** The control of the first field with an error; null if this form has none of those fields. */
export function firstWrongControl(form: HTMLElement | null, fields: FieldErrors): HTMLElement | null {
  const at = (path: string) => form?.querySelector<HTMLElement>(`[id="${fieldId(path)}"]`) ?? null;
  for (const path of Object.keys(fields)) {
    const [field = ""] = path.split(".");
    const control = at(path) ?? at(field);
    if (control !== null) return control;
  }
  return null;
}
