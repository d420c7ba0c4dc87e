import { createHash } from "node:crypto";
import { Ratelimit } from "@upstash/ratelimit";
import { Redis } from "@upstash/redis";

/** A Lua script, and the hash by which Redis knows it. */
export type Script = { source: string; hash: string };

/** What a command of the library comes down to: a script by its hash or its source, keys and arguments. */
export type ScriptCall = { script: string; keys: string[]; args: string[] };

/** Asks Upstash to lock only the keys that the script names. Redis itself does not know it and refuses. */
export const UPSTASH_FLAGS = "#!lua flags=allow-key-locking";

/**
 * Runs the library's own scripts for all windows of a request at once. Redis runs a script undisturbed,
 * so a request is counted everywhere or nowhere: what one window took is given back when another refuses,
 * before anybody else is asked. The library's replies cannot tell when a refused request would fit, hence
 * the window's state beside each.
 *
 * ARGV, per window: its kind, how many of KEYS are its, how many arguments follow, and these.
 */
const joinedScript = (sliding: string, bucket: string): string => `
local library = {}
library.sliding = function(KEYS, ARGV)
${sliding}
end
library.bucket = function(KEYS, ARGV)
${bucket}
end

-- A debit that nothing refuses, in the bucket that the library keeps.
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

-- Takes nothing: what is told of each window below is all that is asked.
library.slidingLook = function() return { 0 } end
library.bucketLook = library.slidingLook

local function count(key)
  return tonumber(redis.call("GET", key) or 0)
end

local calls, refused, key, at = {}, false, 0, 1
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
  refused = refused or not call.took
  calls[#calls + 1] = call
end

local answers = {}
for i, call in ipairs(calls) do
  if refused and call.took then
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

/** The library's scripts, by the hashes that it calls them by, and the one that joins them. */
export type WindowScripts = { joined: Script; kindOf: (hash: string) => "sliding" | "bucket" };

/**
 * Asks the library for its scripts, as a Redis would be that has never seen them.
 * @param isUpstash whether they are for Upstash, rather than for a Redis
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
  // It cannot make sense of an empty reply; by then it has said what it runs.
  await new Ratelimit({ redis, limiter, ...LIBRARY_OPTIONS }).limit("").catch(() => {});
  if (source === "") throw new Error("@upstash/ratelimit does not run its windows as scripts any more");
  return { source, hash };
}

/**
 * Nothing that waits, remembers or reports on its own: time-outs, and what they mean for a request, are
 * decided in one place (guarded-store.ts).
 */
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
