import type { IncomingHttpHeaders } from "node:http";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import { replyEvents, replyJson, serveFake } from "#lib/translation/testing/fake-server";
import { geminiFault } from "./strict";

/** What the fake answers: a whole answer, which it streams in parts, or an error. */
export type GeminiAnswer = {
  chunks: readonly JsonObject[];
  status?: number;
  /** Whether the stream breaks off before its end. */
  isCut?: boolean;
};

export type FakeGemini = {
  url: string;
  /** What was asked, the last one last. */
  requests: { path: string; key: string | undefined; headers: IncomingHttpHeaders; body: JsonObject }[];
  /** Set by a test: what is answered next. */
  answer: (model: string, body: JsonObject) => GeminiAnswer;
};

const METHOD = /^\/([^/:]+):(generateContent|streamGenerateContent\?alt=sse)$/;

/**
 * Starts a Gemini API that is as strict as the documentation says, for the tests of a file.
 * @param models the path of its models
 */
export async function fakeGemini(
  answer: FakeGemini["answer"],
  models = "/v1beta/models",
): Promise<FakeGemini> {
  const fake: FakeGemini = { url: "", requests: [], answer };
  fake.url = await serveFake(({ incoming, body }, outgoing) => {
    const [, model, method] = METHOD.exec((incoming.url ?? "").replace(models, "")) ?? [];
    const fail = (code: number, status: string, message: string) =>
      replyJson(outgoing, code, { error: { code, message, status } });
    if (model === undefined || incoming.method !== "POST" || !incoming.url?.startsWith(models))
      return fail(404, "NOT_FOUND", "Not found.");
    const key = incoming.headers["x-goog-api-key"];
    fake.requests.push({ path: incoming.url ?? "", key: String(key), headers: incoming.headers, body });
    const fault = geminiFault(decodeURIComponent(model), body);
    if (fault !== null) return fail(400, "INVALID_ARGUMENT", fault);
    const { chunks, status = 200, isCut } = fake.answer(decodeURIComponent(model), body);
    if (status !== 200) return replyJson(outgoing, status, chunks[0]);
    if (method === "generateContent") return replyJson(outgoing, 200, wholeOf(chunks));
    replyEvents(
      outgoing,
      chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\r\n\r\n`),
      isCut,
    );
  });
  return fake;
}

/** The whole answer that a stream's chunks add up to. */
export function wholeOf(chunks: readonly JsonObject[]): JsonObject {
  const parts = chunks.flatMap((chunk) => {
    const [candidate] = Array.isArray(chunk.candidates) ? chunk.candidates : [];
    const content = isObject(candidate) && isObject(candidate.content) ? candidate.content : {};
    return Array.isArray(content.parts) ? content.parts : [];
  });
  const last = chunks.at(-1) ?? {};
  const [candidate] = Array.isArray(last.candidates) ? last.candidates : [];
  if (!isObject(candidate)) return last;
  return { ...last, candidates: [{ ...candidate, content: { parts, role: "model" } }] };
}
