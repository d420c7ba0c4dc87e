import type { FieldErrors } from "#lib/http/errors";

/** What is wrong with a field or with anything in it ("tags.2"). */
export function fieldError(fields: FieldErrors, name: string): string | undefined {
  if (fields[name] !== undefined) return fields[name];
  return Object.entries(fields).find(([path]) => path.startsWith(`${name}.`))?.[1];
}

/** Moves to the first field that is wrong: the control with the id `key-` and its name or path. */
export function focusFirstError(form: HTMLElement | null, fields: FieldErrors): void {
  const [first = ""] = Object.keys(fields);
  const [field] = first.split(".");
  const at = (id: string) => form?.querySelector<HTMLElement>(`[id="${id}"]`);
  (at(`key-${first}`) ?? at(`key-${field}`))?.focus();
}
