import type { ScopeType } from "#lib/db/schema/credit";

/** A scope in a message to its caller. */
export const WHOSE: Readonly<Record<ScopeType, string>> = {
  api_key: "your key",
  user: "your user",
  app: "your app",
  organization: "your organization",
};
