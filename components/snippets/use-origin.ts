"use client";

import { useSyncExternalStore } from "react";

const never = () => () => {};

/** The address that this page was opened under; "" until the browser has taken over. */
export const useOrigin = (): string =>
  useSyncExternalStore(
    never,
    () => window.location.origin,
    () => "",
  );
