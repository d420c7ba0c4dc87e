"use client";

import { createContext, type RefObject, useContext, useEffect, useRef } from "react";

/** Whether closing a dialog now would lose something: input that is not sent yet, or the answer to what is. */
export type DraftState = "untouched" | "changed" | "sending";

/** Reads the state of the form in a dialog. */
export const DraftContext = createContext<RefObject<() => DraftState>>({ current: () => "untouched" });

export const UNTOUCHED = (): DraftState => "untouched";

/** Reports the state of a form to the dialog around it. It compares the form's values with those at its start. */
export function useDraft(form: RefObject<HTMLFormElement | null>, pending: boolean): void {
  const draft = useContext(DraftContext);
  const initial = useRef<string>(null);
  useEffect(() => {
    initial.current = valuesOf(form.current);
    return () => {
      draft.current = UNTOUCHED;
    };
  }, [draft, form]);
  useEffect(() => {
    draft.current = () => {
      if (pending) return "sending";
      return valuesOf(form.current) === initial.current ? "untouched" : "changed";
    };
  }, [draft, form, pending]);
}

/** The values of a form's controls, those of Radix included, whose hidden inputs are left out. */
function valuesOf(form: HTMLFormElement | null): string {
  const controls = form?.querySelectorAll("input, textarea, [role=combobox], [role=checkbox], [role=radio]");
  return JSON.stringify(
    [...(controls ?? [])]
      .filter((control) => !control.matches("[aria-hidden=true]"))
      .map((control) => [control.id, currentValue(control)]),
  );
}

function currentValue(control: Element): string | boolean | null {
  if (control instanceof HTMLInputElement) {
    return control.type === "checkbox" || control.type === "radio" ? control.checked : control.value;
  }
  if (control instanceof HTMLTextAreaElement) return control.value;
  return control.getAttribute("data-value") ?? control.getAttribute("aria-checked");
}
