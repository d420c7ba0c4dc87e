import { Readable } from "node:stream";
import type { Call } from "#lib/dialects/call";
import { embeddings } from "#lib/dialects/embeddings/dialect";
import type { JsonObject } from "#lib/dialects/text/json-fields";
import { parsedBefore, parsedValue } from "#lib/dialects/text/parsed-object";
import { NO_COUNTS, tokenCount, usageOfCounts } from "#lib/dialects/usage";
import type { Cancellation } from "#lib/providers/cancellation";
import { decodedBody } from "#lib/providers/decode-body";
import { bodyOf } from "#lib/providers/upstream-body";
import { CallCancelled, UpstreamTimeout } from "#lib/providers/upstream-error";
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
/** The most that is read of one answer. */
const MOST_BODY_BYTES = 64 * 1024 * 1024;

/** Between OpenAI's embeddings and a wire that makes vectors otherwise. One for each route. */
export function embeddingTranslation(format: EmbeddingFormat, upstreamModel: string): Translation {
  return {
    plan: (call) => planOf(call, format, upstreamModel),
    begin(call) {
      const { asked } = decoded(call);
      const bodies = batchesOf(asked, format.most(upstreamModel)).map((texts) =>
        JSON.stringify(format.encode({ ...asked, texts }, upstreamModel)),
      );
      const read: Vectors[] = [];
      const reported = (): Reported | null => reportOf(read);
      return {
        body: bodies[0] ?? "",
        sendAll: (post, cancellation) => askAll(bodies, format, read, { call, post, cancellation }),
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

/**
 * Sends one request after the other. The first that fails is the answer, and what those before it report is billed.
 * @param read what they say
 */
async function askAll(
  bodies: readonly string[],
  format: EmbeddingFormat,
  read: Vectors[],
  sending: Sending,
): Promise<UpstreamAnswer> {
  for (const body of bodies) {
    const answer = await postedOr(sending, body, read.length > 0);
    if (answer.status < 200 || answer.status >= 300) return answer;
    const vectors = format.read(await answeredOf(answer, sending.cancellation));
    if (vectors === null) return whole(502, { error: { message: "The provider's answer has no vectors." } });
    read.push(vectors);
  }
  return whole(200, listOf(read, sending.call));
}

/** Once a request was answered, and billed, a later one that gets no answer is an error with a report. */
async function postedOr({ post }: Sending, body: string, isBilled: boolean): Promise<UpstreamAnswer> {
  try {
    return await post(body);
  } catch (error) {
    if (!isBilled || error instanceof CallCancelled) throw error;
    const status = error instanceof UpstreamTimeout ? 504 : 502;
    return whole(status, { error: { message: "The provider did not answer all inputs." } });
  }
}

async function answeredOf(answer: UpstreamAnswer, { onCancel }: Cancellation): Promise<Answered> {
  const unwatch = onCancel(answer.body.cut);
  try {
    const bytes = await decodedBody(answer).whole(MOST_BODY_BYTES);
    const header = tokenCount(answer.headers[TOKENS_HEADER]);
    return { body: parsedValue(bytes.toString("utf8")), headerTokens: header };
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

function reportOf(read: readonly Vectors[]): Reported | null {
  const tokens = read.length === 0 ? null : sumOf(read.map((one) => one.tokens));
  const usage = tokens === null ? null : usageOfCounts({ ...NO_COUNTS, input: tokens, output: 0 });
  return usage === null ? null : { usage, isOfAll: true };
}

function whole(status: number, body: object): UpstreamAnswer {
  const headers = { "content-type": "application/json" };
  return { status, headers, body: bodyOf(Readable.from([Buffer.from(JSON.stringify(body))])) };
}
