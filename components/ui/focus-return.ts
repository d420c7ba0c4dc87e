"use client";

import { type RefObject, useEffect, useRef } from "react";

/** The element that opened a dialog and, nearest first, where to go if it is gone. */
type Place = { trigger: HTMLElement; around: Element[]; isInDialog: boolean };

const FOCUSABLE =
  ":is(a[href], button, input, select, textarea, summary, [tabindex]):not([aria-hidden=true])";

/** Long enough for the page to follow an action: a deleted row, or another page. */
const WATCHED_MS = 10_000;

/**
 * Returns the focus to the element that opened a dialog, whatever closes the dialog. If that element is gone, or goes
 * because of what the dialog did, the focus goes to the nearest remaining control: in its row, the next row, the table,
 * or else the page's content. Pass the result to the dialog's `onCloseAutoFocus`.
 */
export function useFocusReturn(open: boolean, trigger: RefObject<HTMLElement | null>) {
  const place = useRef<Place | null>(null);
  useEffect(() => {
    if (open && trigger.current !== null) place.current = placeOf(trigger.current);
  }, [open, trigger]);
  return (event: Event) => {
    // Radix would focus a trigger of its own, which controlled dialogs do not have.
    event.preventDefault();
    if (place.current !== null) returnTo(place.current);
  };
}

function placeOf(trigger: HTMLElement): Place {
  const around: Element[] = [];
  for (let at = trigger.parentElement; at !== null && at !== document.body; at = at.parentElement) {
    around.push(at);
    if (at.tagName !== "TR") continue;
    for (const row of [at.nextElementSibling, at.previousElementSibling]) if (row !== null) around.push(row);
  }
  return { trigger, around, isInDialog: trigger.closest("[role=dialog]") !== null };
}

/** Whether the focus is nowhere, or only on the frame around the trigger, such as the dialog that asks. */
const isFocusFree = (trigger: HTMLElement): boolean =>
  document.activeElement === null ||
  document.activeElement === document.body ||
  (document.activeElement !== trigger && document.activeElement.contains(trigger));

function returnTo(place: Place): void {
  const { trigger, isInDialog } = place;
  // Another dialog has the focus, such as the one that shows a new secret.
  if (!isFocusFree(trigger)) return;
  if (!isReachable(trigger)) {
    // A dialog around it closes, too, and returns the focus itself.
    if (!isInDialog) controlNear(place)?.focus();
    return;
  }
  trigger.focus();
  const observer = new MutationObserver(() => {
    if (trigger.isConnected && document.activeElement === trigger) return;
    observer.disconnect();
    if (!trigger.isConnected && isFocusFree(trigger)) controlNear(place)?.focus();
  });
  observer.observe(document.body, { childList: true, subtree: true });
  setTimeout(() => observer.disconnect(), WATCHED_MS);
}

function controlNear({ around }: Place): HTMLElement | null {
  for (const element of around) {
    if (!element.isConnected) continue;
    // Its own children were looked through, and around it is the navigation.
    if (element instanceof HTMLElement && element.tagName === "MAIN") return element;
    const control = [...element.querySelectorAll<HTMLElement>(FOCUSABLE)].find(isReachable);
    if (control !== undefined) return control;
  }
  return document.querySelector("main");
}

const isReachable = (element: HTMLElement): boolean =>
  element.isConnected && element.tabIndex >= 0 && !element.matches(":disabled") && element.checkVisibility();
