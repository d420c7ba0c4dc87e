import {
  CACHE_BREAKPOINT,
  isLongCache,
  isPricedCache,
  otherCache,
} from "#lib/dialects/bounds/unsupported-fields";
import type { JsonObject } from "#lib/dialects/text/json-fields";
import { isNothing, TOO_LONG, unsupportedHere, type Verdict } from "./fault";

/** The fault of a holder that is to be in a cache which has another price than that of the request's. */
export const ofCacheMarks = (holder: JsonObject): Verdict =>
  isLongCache(holder.cache_control) ? TOO_LONG : ofBreakpoint(holder);

/** The same for OpenAI's marks alone. */
export function ofBreakpoint({ [CACHE_BREAKPOINT]: mark }: JsonObject): Verdict {
  if (isNothing(mark) || isPricedCache(mark)) return undefined;
  return unsupportedHere(`.${CACHE_BREAKPOINT}`, otherCache);
}
