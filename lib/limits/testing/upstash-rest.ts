import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { Redis } from "ioredis";
import { closeServer, listen } from "#lib/testing/listening";
import { scriptHash } from "./script-hash";

/** Upstash's REST protocol in front of a real Redis, as far as `@upstash/redis` uses it. */
export type UpstashRest = {
  url: string;
  token: string;
  /** How many HTTP requests it received. */
  requests: () => number;
  close: () => Promise<void>;
};

const FLAGS = /^#!lua[^\n]*\n/;
const WITH_SCRIPT = new Set(["eval", "eval_ro"]);
const WITH_HASH = new Set(["evalsha", "evalsha_ro"]);

/** Starts the REST protocol in front of the Redis at `redisUrl`. */
export async function startUpstashRest(redisUrl: string): Promise<UpstashRest> {
  const redis = new Redis(redisUrl, { enableOfflineQueue: true, maxRetriesPerRequest: 0 });
  redis.on("error", () => {});
  const token = "test-token";
  /** Hash of a script with Upstash's flags → hash of the script that Redis got instead. */
  const hashes = new Map<string, string>();
  let requests = 0;

  /** Upstash accepts flags in a script's first line that Redis does not know. */
  const translated = ([name = "", script = "", ...rest]: string[]): [string, ...string[]] => {
    if (WITH_HASH.has(name.toLowerCase())) return [name, hashes.get(script) ?? script, ...rest];
    if (!WITH_SCRIPT.has(name.toLowerCase())) return script === "" ? [name] : [name, script, ...rest];
    const plain = script.replace(FLAGS, "");
    hashes.set(scriptHash(script), scriptHash(plain));
    return [name, plain, ...rest];
  };
  const run = async (command: unknown, encode: boolean): Promise<{ result: unknown } | { error: string }> => {
    if (!Array.isArray(command)) return { error: "ERR failed to parse command" };
    const [name, ...args] = translated(command.map(String));
    try {
      const result = await redis.call(name, ...args);
      return { result: encode ? inBase64(result) : result };
    } catch (error) {
      return { error: error instanceof Error ? error.message : String(error) };
    }
  };

  const server = createServer(async (request, response) => {
    requests += 1;
    const answer = (status: number, body: unknown) => {
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    };
    if (request.headers.authorization !== `Bearer ${token}`) return answer(401, { error: "Unauthorized" });
    const body: unknown = JSON.parse(await text(request));
    const encode = request.headers["upstash-encoding"] === "base64";
    if (request.url === "/pipeline" && Array.isArray(body)) {
      return answer(200, await Promise.all(body.map((command) => run(command, encode))));
    }
    const outcome = await run(body, encode);
    answer("error" in outcome ? 400 : 200, outcome);
  });
  const port = await listen(server);

  return {
    url: `http://127.0.0.1:${port}`,
    token,
    requests: () => requests,
    close: async () => {
      await closeServer(server);
      redis.disconnect();
    },
  };
}

function inBase64(result: unknown): unknown {
  if (Array.isArray(result)) return result.map(inBase64);
  return typeof result === "string" && result !== "OK" ? Buffer.from(result).toString("base64") : result;
}
