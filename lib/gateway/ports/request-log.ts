import type { CallerIds } from "#lib/auth/caller";
import { formatUsd, type PicoUsd } from "#lib/credit/money";
import { isoTime } from "#lib/observability/iso-time";
import { type LineBatch, lineBatch } from "#lib/observability/line-batch";
import { log } from "#lib/observability/log";

/** What the log has of a request: neither its body nor a credential. What is not known is null. */
export type RequestEntry = {
  atMs: number;
  requestId: string;
  caller: Omit<CallerIds, "apiKeyPrefix">;
  /** What lists show of a key, or less of an unknown one. */
  keyPrefix: string | null;
  endpoint: string | null;
  model: string | null;
  provider: string | null;
  upstreamModel: string | null;
  status: number;
  code: string | null;
  inputTokens: number;
  cachedTokens: number;
  outputTokens: number;
  costPicoUsd: PicoUsd;
  latencyMs: number;
  ttftMs: number | null;
  stream: boolean | null;
};

export type RequestLog = {
  /** A request that was served, or that a provider failed. */
  request(entry: RequestEntry): void;
  /** A rejection, which a client may cause at any rate: of each code, only some a second have a line. */
  rejection(code: string, entryOf: () => RequestEntry): void;
};

/** How many rejections of a code have a line in a second; the rest are counted. */
export const REJECTIONS_PER_SECOND = 10;

type LeftOut = { atMs: number; code: string; leftOut: number };

/** One for all gateways of the process, since it is flushed on exit. */
const batchOfProcess = lineBatch(lineOf);

/** Creates the log of requests. @param batch receives what lines are made of */
export function requestLog(
  batch: Pick<LineBatch<RequestEntry | LeftOut>, "add"> = batchOfProcess,
  isEnabled: () => boolean = () => log.isLevelEnabled("info"),
): RequestLog {
  /** By code, in the second that began with the first of them. */
  const counts = new Map<string, number>();
  const endSecond = (code: string) => {
    const leftOut = (counts.get(code) ?? 0) - REJECTIONS_PER_SECOND;
    counts.delete(code);
    if (leftOut > 0) batch.add({ atMs: Date.now(), code, leftOut });
  };
  const isWithinRate = (code: string): boolean => {
    const count = (counts.get(code) ?? 0) + 1;
    counts.set(code, count);
    if (count === 1) setTimeout(endSecond, 1000, code).unref();
    return count <= REJECTIONS_PER_SECOND;
  };
  return {
    request: (entry) => {
      if (isEnabled()) batch.add(entry);
    },
    rejection: (code, entryOf) => {
      if (isEnabled() && isWithinRate(code)) batch.add(entryOf());
    },
  };
}

/** The line of an entry. By hand, since it takes a third of the time of JSON.stringify. */
export function lineOf(entry: RequestEntry | LeftOut): string {
  const head = `{"level":"info","time":"${isoTime(entry.atMs)}","msg":`;
  if ("leftOut" in entry) {
    return `${head}"rejections left out","code":${quoted(entry.code)},"count":${entry.leftOut}}`;
  }
  const { caller, costPicoUsd } = entry;
  return `${head}"request","request_id":"${entry.requestId}","organization_id":${id(caller.organizationId)},"user_id":${id(
    caller.userId,
  )},"api_key_id":${id(caller.apiKeyId)},"key_prefix":${quoted(entry.keyPrefix)},"app_id":${id(
    caller.appId,
  )},"endpoint":${quoted(entry.endpoint)},"model":${quoted(entry.model)},"provider":${quoted(
    entry.provider,
  )},"upstream_model":${quoted(entry.upstreamModel)},"status":${entry.status},"code":${quoted(
    entry.code,
  )},"input_tokens":${entry.inputTokens},"cached_tokens":${entry.cachedTokens},"output_tokens":${
    entry.outputTokens
  },"cost_usd":"${costPicoUsd === 0n ? "0" : formatUsd(costPicoUsd)}","latency_ms":${entry.latencyMs},"ttft_ms":${
    entry.ttftMs
  },"stream":${entry.stream}}`;
}

const id = (uuid: string | null): string => (uuid === null ? "null" : `"${uuid}"`);

const MOST_REMEMBERED = 1_000;
/** Names recur from request to request. */
const jsonOf = new Map<string, string>();

function quoted(text: string | null): string {
  if (text === null) return "null";
  const before = jsonOf.get(text);
  if (before !== undefined) return before;
  const made = JSON.stringify(text.slice(0, 200));
  if (jsonOf.size >= MOST_REMEMBERED) jsonOf.clear();
  jsonOf.set(text, made);
  return made;
}
