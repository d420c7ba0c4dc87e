import { createHash } from "node:crypto";
import type { Given } from "#lib/translation/turn";

/**
 * What names the end user, as a wire takes it: a name that is too long is replaced by its hash, which is as good.
 * @param most the most characters that it takes, at least 64
 */
export function userId(user: Given<string> | null, most: number): string | undefined {
  if (user === null) return undefined;
  return user.value.length <= most ? user.value : createHash("sha256").update(user.value).digest("hex");
}
