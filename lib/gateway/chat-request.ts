import "server-only";
import { z } from "zod";
import { ApiError } from "#lib/http/api-error";
import { DuplicateField, type FieldSpan, topLevelFields } from "./json-fields";

/** Zero is for the provider to judge: some read it as "none", some refuse it. */
const tokenCount = z.int().nonnegative().nullish();

/**
 * What the gate needs to know of a chat completion. Everything else in the body is the provider's to
 * judge and travels untouched.
 */
const ChatBody = z.looseObject({
  model: z.string().min(1).max(256),
  messages: z.array(z.looseObject({ role: z.string().min(1) })).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: tokenCount,
  max_completion_tokens: tokenCount,
  n: z.int().min(1).max(128).nullish(),
  service_tier: z.string().nullish(),
  store: z.boolean().nullish(),
  modalities: z.array(z.string()).nullish(),
});

export type ChatRequest = {
  /** The body as the client wrote it. */
  json: string;
  fields: ReadonlyMap<string, FieldSpan>;
  model: string;
  stream: boolean;
  /** Whether the client asked for the usage chunk, which the gate always asks the provider for. */
  includeUsage: boolean;
  streamOptions: Readonly<Record<string, unknown>>;
  /** The client's bound on output tokens per choice. */
  maxOutputTokens: number | null;
  choices: number;
  messages: readonly Readonly<Record<string, unknown>>[];
  audio: boolean;
};

/**
 * Parses and checks a chat completion's body.
 * @throws ApiError invalid_request or unsupported_parameter, naming the field in `param`
 */
export function parseChatRequest(json: string): ChatRequest {
  const parsed = ChatBody.safeParse(parseJson(json));
  if (!parsed.success) throw invalidField(parsed.error.issues[0]);
  const body = parsed.data;
  refuseUnpriced(body);
  return {
    json,
    fields: fieldsOf(json),
    model: body.model,
    stream: body.stream ?? false,
    includeUsage: body.stream_options?.include_usage ?? false,
    streamOptions: body.stream_options ?? {},
    maxOutputTokens: body.max_completion_tokens ?? body.max_tokens ?? null,
    choices: body.n ?? 1,
    messages: body.messages,
    audio: body.modalities?.includes("audio") ?? false,
  };
}

function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new ApiError("invalid_request", "The request body is not valid JSON.");
  }
}

function fieldsOf(json: string): Map<string, FieldSpan> {
  try {
    return topLevelFields(json);
  } catch (error) {
    if (!(error instanceof DuplicateField)) throw error;
    throw new ApiError("invalid_request", error.message, { param: error.field });
  }
}

/** What bills extra without a rate to hold for, and what leaves state at a provider that tenants share. */
function refuseUnpriced(body: z.output<typeof ChatBody>): void {
  const refuse = (param: string, why: string): never => {
    throw new ApiError("unsupported_parameter", `${param} is not supported: ${why}`, { param });
  };
  if (body.service_tier && !["auto", "default"].includes(body.service_tier)) {
    refuse("service_tier", "only the default tier is priced here. Leave it out.");
  }
  if (body.web_search_options) refuse("web_search_options", "searches are billed apart from tokens.");
  if (body.store) refuse("store", "credentials are shared, so nothing may be stored at the provider.");
}

/** OpenAI's way of naming a field: `messages[0].role`. */
function invalidField(issue: z.core.$ZodIssue | undefined): ApiError {
  const path = issue?.path ?? [];
  const param = path.reduce<string>(
    (text, part) => (typeof part === "number" ? `${text}[${part}]` : `${text}${text && "."}${String(part)}`),
    "",
  );
  const what = param === "" ? "The request body" : `'${param}'`;
  return new ApiError("invalid_request", `${what}: ${issue?.message ?? "is not valid"}.`, {
    param: param || null,
  });
}
