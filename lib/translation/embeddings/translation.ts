import { Readable } from "node:stream";
import type { Call } from "#lib/dialects/call";
import { embeddings } from "#lib/dialects/embeddings/dialect";
import type { JsonObject } from "#lib/dialects/text/json-fields";
import { parsedAnswer, parsedBefore } from "#lib/dialects/text/parsed-object";
import { NO_COUNTS, tokenCount, usageOfCounts } from "#lib/dialects/usage";
import type { JsonLimits } from "#lib/http/json-cost";
import type { Cancellation } from "#lib/providers/cancellation";
import { decodedBody } from "#lib/providers/decode-body";
import { bodyOf } from "#lib/providers/upstream-body";
import { CallCancelled, UpstreamTimeout, UpstreamUnreachable } from "#lib/providers/upstream-error";
import type { UpstreamAnswer } from "#lib/providers/wire";
import { clientError } from "#lib/translation/client-errors";
import type { Reported } from "#lib/translation/delta";
import { readingDialect } from "#lib/translation/reading-dialect";
import type { Plan, Translation } from "#lib/translation/translation";
import type { Demand } from "#lib/translation/turn";
import type { Answered, Asked, EmbeddingFormat, Vectors } from "./format";
import { sumOf } from "./formats";

/** Fields that say what is asked; others are left out and named. */
const READ = new Set(["model", "input", "encoding_format", "dimensions", "input_type"]);
/** Where Bedrock reports the tokens of models that do not (docs.aws.amazon.com/bedrock/latest/userguide/quotas-token-burndown.html). */
const TOKENS_HEADER = "x-amzn-bedrock-input-token-count";
/** The most that is read of one answer: 250 vectors of 4,096 numbers, and more. */
const MOST_BODY_BYTES = 64 * 1024 * 1024;
const MOST_VALUES: JsonLimits = { values: 1_500_000, depth: 20 };
/** OpenAI's own limit (platform.openai.com/docs/api-reference/embeddings/create). */
const MOST_TEXTS = 2_048;

/** Between OpenAI's embeddings and a wire that makes vectors otherwise. One for each route. */
export function embeddingTranslation(format: EmbeddingFormat, upstreamModel: string): Translation {
  return {
    bound: () => null,
    plan: (call) => planOf(call, format, upstreamModel),
    begin(call) {
      const { asked } = decoded(call);
      const batches = batchesOf(asked, format.most(upstreamModel));
      const encode = (texts: readonly string[]) =>
        JSON.stringify(format.encode({ ...asked, texts }, upstreamModel));
      const read: Vectors[] = [];
      const reported = (): Reported | null => reportOf(read, batches, call);
      return {
        body: encode(batches[0] ?? []),
        sendAll: (post, cancellation) => askAll(batches, encode, format, read, { call, post, cancellation }),
        answer: (answer) => ({ answer, dialect: readingDialect(embeddings, reported) }),
        error: (error) => clientError(embeddings.name, error),
      };
    },
    pastReasoning: { isRefused: () => false, leaveOut: () => null },
  };
}

function planOf(call: Call, { hasDimensions }: EmbeddingFormat, upstreamModel: string): Plan {
  const { asked, encoding, hasTokens, unread } = decoded(call);
  const refused: Demand[] = [];
  if (asked.texts.length > MOST_TEXTS)
    refused.push({ at: "input", why: `at most ${MOST_TEXTS} texts can be asked for at once` });
  if (hasTokens) refused.push({ at: "input", why: "its models have other tokens; give texts" });
  if (asked.dimensions !== null && !hasDimensions(upstreamModel))
    refused.push({ at: "dimensions", why: "the vectors of this model have one length" });
  if (encoding !== "float" && encoding !== "base64")
    refused.push({ at: "encoding_format", why: "it must be float or base64" });
  return { dropped: unread, refused, ownBytes: 0 };
}

function decoded(call: Call) {
  const { input, dimensions, encoding_format: encoding = "float", ...others } = parsedBefore(call.json);
  const given: readonly unknown[] = Array.isArray(input) ? input : [input];
  const texts = given.filter((text): text is string => typeof text === "string");
  const asked: Asked = {
    texts,
    dimensions: typeof dimensions === "number" ? { value: dimensions, at: "dimensions" } : null,
    inputType: typeof others.input_type === "string" ? others.input_type : null,
  };
  const unread = Object.keys(others).filter((name) => !READ.has(name));
  return { asked, encoding, hasTokens: texts.length < given.length, unread };
}

/** The texts of each request, in their order. */
function batchesOf({ texts }: Asked, most: { texts: number; bytes: number }): readonly string[][] {
  const batches: string[][] = [];
  let bytes = 0;
  for (const text of texts) {
    const last = batches.at(-1);
    const more = Buffer.byteLength(text);
    if (last === undefined || last.length >= most.texts || bytes + more > most.bytes) {
      batches.push([text]);
      bytes = more;
    } else {
      last.push(text);
      bytes += more;
    }
  }
  return batches;
}

type Sending = {
  call: Call;
  post: (body: string) => Promise<UpstreamAnswer>;
  cancellation: Cancellation;
};

/** Of a request that the provider may bill, but to which it says nothing that can be read. */
const UNREAD: Vectors = { vectors: [], tokens: null };

/**
 * Sends one request after the other. The first that fails is the answer, and what those before it report is billed.
 * @param read what they say
 */
async function askAll(
  batches: readonly (readonly string[])[],
  encode: (texts: readonly string[]) => string,
  format: EmbeddingFormat,
  read: Vectors[],
  sending: Sending,
): Promise<UpstreamAnswer> {
  for (const texts of batches) {
    const answer = await postedOr(sending, encode(texts), read);
    if (answer.status < 200 || answer.status >= 300) return answer;
    const vectors = format.read(await answeredOf(answer, sending.cancellation));
    read.push(vectors ?? UNREAD);
    // A list without vectors is none: it is billed as what may have been made.
    if (vectors === null) return whole(200, { object: "list", data: [] });
  }
  return whole(200, listOf(read, sending.call));
}

/** Once a request was answered, and billed, a later one that gets no answer is an error with a report. */
async function postedOr({ post }: Sending, body: string, read: Vectors[]): Promise<UpstreamAnswer> {
  try {
    return await post(body);
  } catch (error) {
    if (read.length === 0 || error instanceof CallCancelled) throw error;
    const isTimeout = error instanceof UpstreamTimeout;
    if ((isTimeout || error instanceof UpstreamUnreachable) && error.dispatched) read.push(UNREAD);
    return whole(isTimeout ? 504 : 502, { error: { message: "The provider did not answer all inputs." } });
  }
}

async function answeredOf(answer: UpstreamAnswer, { onCancel }: Cancellation): Promise<Answered> {
  const unwatch = onCancel(answer.body.cut);
  try {
    const bytes = await decodedBody(answer).whole(MOST_BODY_BYTES);
    const header = tokenCount(answer.headers[TOKENS_HEADER]);
    return { body: parsedAnswer(bytes.toString("utf8"), MOST_VALUES), headerTokens: header };
  } finally {
    unwatch();
  }
}

/** OpenAI's list. Tokens that no one reports are an estimate to the client, and to the bill one of its own. */
function listOf(read: readonly Vectors[], call: Call): JsonObject {
  const { encoding, asked } = decoded(call);
  const vectors = read.flatMap((one) => one.vectors);
  if (vectors.length !== asked.texts.length) return { object: "list", data: [] };
  const tokens = sumOf(read.map((one) => one.tokens)) ?? call.textTokens;
  return {
    object: "list",
    data: vectors.map((vector, index) => ({
      object: "embedding",
      index,
      embedding: encoding === "base64" ? base64Of(vector) : vector,
    })),
    model: call.model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}

/** Numbers of 32 bits, as OpenAI's clients read them. */
const base64Of = (vector: readonly unknown[]): string =>
  Buffer.from(Float32Array.from(vector, Number).buffer).toString("base64");

/**
 * What the provider reports to bill; null for an estimate of all that was asked. Where only a part was answered, what
 * was not reported of it is estimated by its share of the text.
 */
function reportOf(
  read: readonly Vectors[],
  batches: readonly (readonly string[])[],
  { textTokens }: Call,
): Reported | null {
  if (read.length === 0) return null;
  const reported = sumOf(read.map(({ tokens }) => tokens));
  if (reported !== null) return reportOfInput({ input: reported, output: 0 });
  if (read.length === batches.length) return null;
  const bytes = batches.map((texts) => Buffer.byteLength(texts.join("")));
  const perByte =
    textTokens /
    Math.max(
      1,
      bytes.reduce((sum, one) => sum + one, 0),
    );
  const shares = read.map(({ tokens }, at) => tokens ?? Math.ceil((bytes[at] ?? 0) * perByte));
  // Without the output it is a report that estimates complete.
  return reportOfInput({ input: sumOf(shares), output: null });
}

function reportOfInput(counts: { input: number | null; output: number | null }): Reported | null {
  const usage = usageOfCounts({ ...NO_COUNTS, ...counts });
  return usage === null ? null : { usage, isOfAll: true };
}

function whole(status: number, body: object): UpstreamAnswer {
  const headers = { "content-type": "application/json" };
  return { status, headers, body: bodyOf(Readable.from([Buffer.from(JSON.stringify(body))])) };
}
