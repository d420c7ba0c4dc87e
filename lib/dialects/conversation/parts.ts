import { plainName } from "#lib/dialects/bounds/plain-name";
import { asksForMore, CACHE_BREAKPOINT, unsupportedSetting } from "#lib/dialects/bounds/unsupported-fields";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { ofCacheMarks } from "./cache-marks";
import { type Fault, isNothing, isText, kept, unsupportedHere, type Verdict, wrong } from "./fault";
import { labelFields, namesMedium, textFields } from "./message-fields";

/** Names of media that a server keeps: tenants share its cache. */
const CACHED = ["file_id", "uuid", "content_hash"];

/** Parts of other types are a provider's own: it judges them. */
export function ofPart(part: unknown): Verdict {
  if (!isObject(part)) return wrong("", "must be an object");
  const { type } = part;
  if (!isText(type)) return wrong(".type", "must name the part's type");
  const marked = ofCacheMarks(part);
  if (marked !== undefined) return marked;
  if (type === "text" || type === "refusal") {
    return typeof part[type] === "string" ? undefined : wrong(`.${type}`, "must be a string");
  }
  if (type === "tool_result" && Array.isArray(part.content))
    return ofEach(".content", part.content, (inner) => (isObject(inner) ? ofPart(inner) : undefined));
  const stored = ofStored(part);
  if (!namesMedium(type)) return stored;
  return stored ?? ofAttachment(part, type) ?? ofSettings(part);
}

/** A part that does not say what it is, where a provider may know it. */
export const ofUntyped = (part: JsonObject): Verdict => ofCacheMarks(part) ?? ofStored(part);

/** Some providers accept the URL or the data without the object around it. */
function ofAttachment(part: JsonObject, type: string): Verdict {
  const attached = part[type];
  if (type === "image_url" || type === "input_audio" || type === "file") {
    if (isText(attached)) return undefined;
    if (!isObject(attached)) return wrong(`.${type}`, "must be an object");
    if (type === "image_url" && !isText(attached.url)) return wrong(".image_url.url", "must be a URL");
    if (type === "input_audio" && !isText(attached.data))
      return wrong(".input_audio.data", "must be a string");
  }
  if (hasMedium(part)) return undefined;
  return wrong(attached === undefined ? "" : `.${type.slice(0, 100)}`, "must have a URL or data");
}

/** Whether there is anything in a part besides its texts and labels. */
function hasMedium(value: unknown): boolean {
  if (typeof value === "string") return value !== "";
  if (typeof value !== "object" || value === null) return false;
  return Object.entries(value).some(
    ([name, inner]) =>
      !labelFields.has(name) &&
      (name === "content" || !textFields.has(name)) &&
      name !== "cache_control" &&
      name !== CACHE_BREAKPOINT &&
      hasMedium(inner),
  );
}

/** A file stored at a provider, or a medium in its cache: all tenants share its credentials. */
function ofStored(part: JsonObject): Verdict {
  return inPart(part, (holder, at) => {
    const name = CACHED.find((field) => !isNothing(holder[field]));
    return name === undefined ? undefined : kept(`${at}.${name}`);
  });
}

/** Settings that raise how much of a medium is read. */
function ofSettings(part: JsonObject): Verdict {
  return inPart(part, (holder, at) => {
    for (const [name, value] of Object.entries(holder)) {
      const rule = unsupportedSetting(plainName(name));
      if (rule !== undefined && asksForMore(value, rule, true))
        return unsupportedHere(`${at}.${name.slice(0, 100)}`, rule.why);
    }
    return undefined;
  });
}

/** Checks a part and the objects in it. */
function inPart(part: JsonObject, check: (holder: JsonObject, at: string) => Verdict): Verdict {
  const fault = check(part, "");
  if (fault !== undefined) return fault;
  for (const [name, value] of Object.entries(part)) {
    const inner: Fault | undefined = isObject(value) ? check(value, `.${name.slice(0, 100)}`) : undefined;
    if (inner !== undefined) return inner;
  }
  return undefined;
}

export function ofEach(at: string, values: readonly unknown[], check: (value: unknown) => Verdict): Verdict {
  for (const [index, value] of values.entries()) {
    const fault = check(value);
    if (fault) return { ...fault, at: `${at}[${index}]${fault.at}` };
  }
  return undefined;
}
