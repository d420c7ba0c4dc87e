import type { ScriptRunner } from "#lib/limits/library-store";
import { scriptHash } from "./script-hash";

const EXPIRY = /^\s*redis\.call\("PEXPIRE",.*$/gm;

/**
 * A runner for tests that stop the clock: keys expire by the clock of Redis, which goes on, so a slow test would lose
 * windows that are not over yet. What has expired is in its initial state, so that windows count the same without it.
 */
export function withoutExpiry(runner: ScriptRunner): ScriptRunner {
  const hashes = new Map<string, string>();
  return {
    ...runner,
    evalsha: (hash, keys, args) => runner.evalsha(hashes.get(hash) ?? hash, keys, args),
    eval: (source, keys, args) => {
      const kept = source.replace(EXPIRY, "");
      if (kept === source || kept.includes("EXPIRE"))
        throw new Error("The script sets an expiry in another way.");
      hashes.set(scriptHash(source), scriptHash(kept));
      return runner.eval(kept, keys, args);
    },
  };
}
