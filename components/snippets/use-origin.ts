"use client";

import { useSyncExternalStore } from "react";

const never = () => () => {};

/** The origin of this page; "" until hydration. */
export const useOrigin = (): string =>
  useSyncExternalStore(
    never,
    () => window.location.origin,
    () => "",
  );
