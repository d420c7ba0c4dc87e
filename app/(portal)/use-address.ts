"use client";

import { type UseQueryStatesKeysMap, useQueryStates } from "nuqs";

/** The parameters of the page's address: each change adds an entry to the browser's history and asks the server. */
export const useAddress = <Parsers extends UseQueryStatesKeysMap>(parsers: Parsers) =>
  useQueryStates(parsers, { shallow: false, history: "push" });
