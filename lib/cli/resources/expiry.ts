import { Option } from "@commander-js/extra-typings";
import { instantValue } from "#lib/cli/options/values";
import { fieldsOf } from "./field";

/** When a credential ends. */
export const expiryField = fieldsOf<{ expires_at: string }>().field(
  "expires_at",
  new Option("--expires <when>", "a day, a time, or a duration from now (30d)").argParser(instantValue),
);
