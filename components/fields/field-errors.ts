import type { FieldErrors } from "#lib/http/errors";

/** The id of a field's control, by its name or path. One form is open at a time. */
export const fieldId = (path: string) => `field-${path}`;

/** What is wrong with a field or with anything in it ("tags.2"). */
export function fieldError(fields: FieldErrors, name: string): string | undefined {
  if (fields[name] !== undefined) return fields[name];
  return Object.entries(fields).find(([path]) => path.startsWith(`${name}.`))?.[1];
}

/** The control of the first field that is wrong; null where this form has none of them. */
export function firstWrongControl(form: HTMLElement | null, fields: FieldErrors): HTMLElement | null {
  const at = (path: string) => form?.querySelector<HTMLElement>(`[id="${fieldId(path)}"]`) ?? null;
  for (const path of Object.keys(fields)) {
    const [field = ""] = path.split(".");
    const control = at(path) ?? at(field);
    if (control !== null) return control;
  }
  return null;
}
