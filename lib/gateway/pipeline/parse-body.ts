import type { Caller } from "#lib/auth/caller";
import type { Call } from "#lib/dialects/call";
import type { Dialect } from "#lib/dialects/dialect";
import { setFields, topLevelFields } from "#lib/dialects/text/json-fields";
import type { Gateway } from "#lib/gateway/ports/gateway";
import { resolvedModel } from "#lib/gateway/routing/resolve-model";
import type { Routing } from "#lib/gateway/routing/routing";
import { unknownFieldRejection } from "#lib/gateway/sizing/unknown-fields";
import { ApiError } from "#lib/http/api-error";
import { parseDropping } from "./drop-unsupported";
import { isLimitedCaller } from "./limited-caller";

type Parser = Pick<Dialect, "name" | "parse">;
type Parsing = Pick<Gateway, "routing" | "defaultModel">;

/**
 * Parses a body, one without a model as a request for the default one. What its model does not support is dropped, if the
 * model says so.
 * @throws ApiError as the dialect's `parse`
 */
export async function parseBody(
  gateway: Parsing,
  dialect: Parser,
  caller: Caller,
  json: string,
): Promise<Call> {
  try {
    return await parseAsRouted(gateway, dialect, caller, json);
  } catch (error) {
    if (!(error instanceof ApiError) || error.param !== "model") throw error;
    const named = withDefaultModel(json, gateway.defaultModel);
    if (named === null) throw error;
    return await parseAsRouted(gateway, dialect, caller, named);
  }
}

/** Before a rejection that the model's settings could prevent, it is checked whether they have been changed. */
async function parseAsRouted(gateway: Parsing, dialect: Parser, caller: Caller, json: string): Promise<Call> {
  const parse = () => parseDropping(gateway, dialect, caller, json);
  let call: Call | null = null;
  let rejection: unknown = null;
  try {
    call = await parse();
    if (call.unknownFields.length === 0) return call;
  } catch (error) {
    if (!(error instanceof ApiError) || !error.isDroppable) throw error;
    rejection = error;
  }
  const routing = await gateway.routing();
  if (call !== null && !isRejected(routing, dialect, caller, call)) return call;
  const now = await gateway.routing({ fresh: "if_checked" });
  if (now.version !== routing.version) return parse();
  if (call === null) throw rejection;
  return call;
}

/** Whether the fields of a call that Tollgate does not know will be rejected. */
function isRejected(routing: Routing, { name }: Parser, caller: Caller, call: Call): boolean {
  const model = resolvedModel(routing, caller, call.model, name);
  return model !== null && unknownFieldRejection(call, model, name, isLimitedCaller(caller)) !== null;
}

const NO_NAMES: ReadonlySet<string> = new Set(["null", '""']);

/** The body for the default model, if it names none; null if it does, or there is no default. */
function withDefaultModel(json: string, name: string | null): string | null {
  if (name === null) return null;
  const fields = topLevelFields(json);
  const span = fields.get("model");
  if (span !== undefined && !NO_NAMES.has(json.slice(span.start, span.end))) return null;
  return setFields(json, fields, { model: JSON.stringify(name) });
}
