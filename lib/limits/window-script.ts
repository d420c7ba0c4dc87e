import { createHash } from "node:crypto";
import { Ratelimit } from "@upstash/ratelimit";
import { Redis } from "@upstash/redis";

/** A Lua script, and the hash that Redis knows it by. */
export type Script = { source: string; hash: string };

/** What the library sends: a script (its hash or its source), keys and arguments. */
export type ScriptCall = { script: string; keys: string[]; args: string[] };

/** Makes Upstash lock only the keys that the script names. Redis itself rejects this flag. */
export const UPSTASH_FLAGS = "#!lua flags=allow-key-locking";

/**
 * Runs the library's own scripts for all windows of a request at once. Redis runs a script atomically, so a
 * request is counted everywhere or nowhere: if one window is full, the script returns what it took from the
 * others. The library's replies do not say when a rejected request would fit, so each reply carries the
 * window's state.
 *
 * ARGV, per window: its kind, the number of its KEYS, the number of its arguments, and these.
 */
const joinedScript = (sliding: string, bucket: string): string => `
local library = {}
library.sliding = function(KEYS, ARGV)
${sliding}
end
library.bucket = function(KEYS, ARGV)
${bucket}
end

-- A debit that always succeeds, in the bucket that the library keeps.
library.correction = function(KEYS, ARGV)
  local most, interval, refill = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
  local amount = tonumber(ARGV[5])
  library.bucket(KEYS, { ARGV[1], ARGV[2], ARGV[3], ARGV[4], 0 })
  local left = math.min(most, tonumber(redis.call("HGET", KEYS[1], "tokens")) - amount)
  if left >= most then
    redis.call("DEL", KEYS[1])
  else
    redis.call("HSET", KEYS[1], "tokens", left)
    redis.call("PEXPIRE", KEYS[1], math.ceil((most - left) / refill) * interval)
  end
  return { 0 }
end

-- Takes nothing: the state that is added below is the whole answer.
library.slidingPeek = function() return { 0 } end
library.bucketPeek = library.slidingPeek

local function count(key)
  return tonumber(redis.call("GET", key) or 0)
end

local calls, rejected, key, at = {}, false, 0, 1
while at <= #ARGV do
  local call = { kind = ARGV[at], keys = {}, args = {} }
  for i = 1, tonumber(ARGV[at + 1]) do
    key = key + 1
    call.keys[i] = KEYS[key]
  end
  for i = 1, tonumber(ARGV[at + 2]) do
    call.args[i] = ARGV[at + 2 + i]
  end
  at = at + 3 + #call.args
  call.reply = library[call.kind](call.keys, call.args)
  call.took = call.reply[1] >= 0
  rejected = rejected or not call.took
  calls[#calls + 1] = call
end

local answers = {}
for i, call in ipairs(calls) do
  if rejected and call.took then
    call.args[#call.args] = -tonumber(call.args[#call.args])
    library[call.kind](call.keys, call.args)
  end
  if string.sub(call.kind, 1, 7) == "sliding" then
    answers[i] = { call.reply, count(call.keys[1]), count(call.keys[2]) }
  else
    local kept = redis.call("HMGET", call.keys[1], "tokens", "refilledAt")
    answers[i] = { call.reply, tonumber(kept[1] or call.args[1]), tonumber(kept[2] or call.args[4]) }
  end
end
return answers
`;

/** The joined script, and which of the library's scripts a hash means. */
export type WindowScripts = { joined: Script; kindOf: (hash: string) => "sliding" | "bucket" };

/**
 * Gets the library's scripts from the library, by acting as a Redis that has never seen them.
 * @param isUpstash whether the scripts are for Upstash rather than for Redis
 */
export async function windowScripts({ isUpstash }: { isUpstash: boolean }): Promise<WindowScripts> {
  const sliding = await scriptOf(Ratelimit.slidingWindow(1, "1 s"));
  const bucket = await scriptOf(Ratelimit.tokenBucket(1, "1 s", 1));
  const body = joinedScript(withoutFlags(sliding.source), withoutFlags(bucket.source));
  const source = isUpstash ? UPSTASH_FLAGS + body : body;
  return {
    joined: { source, hash: createHash("sha1").update(source).digest("hex") },
    kindOf: (hash) => (hash === bucket.hash ? "bucket" : "sliding"),
  };
}

async function scriptOf(limiter: ConstructorParameters<typeof Ratelimit>[0]["limiter"]): Promise<Script> {
  let hash = "";
  let source = "";
  const redis = new Redis({
    request: async ({ body }) => {
      const { script } = scriptCall(body);
      if (hash === "") {
        hash = script;
        return { error: "NOSCRIPT" };
      }
      source = script;
      return {};
    },
  });
  // The library rejects the empty reply, but by then it has sent its script.
  await new Ratelimit({ redis, limiter, ...LIBRARY_OPTIONS }).limit("").catch(() => {});
  if (source === "") throw new Error("@upstash/ratelimit no longer runs its windows as scripts");
  return { source, hash };
}

/** No timeouts, caches or reports of the library's own: guarded-store.ts alone decides about timeouts. */
export const LIBRARY_OPTIONS = {
  prefix: "tollgate",
  timeout: 0,
  analytics: false,
  ephemeralCache: false,
  enableTelemetry: false,
} as const;

/** Reads `EVALSHA hash count keys… arguments…` (or EVAL) as the library sends it. */
export function scriptCall(body: unknown): ScriptCall {
  const [, script = "", keyCount = "0", ...rest] = Array.isArray(body) ? body.map(String) : [];
  return { script, keys: rest.slice(0, Number(keyCount)), args: rest.slice(Number(keyCount)) };
}

function withoutFlags(source: string): string {
  return source.replace(/^#!.*\n/, "");
}
