import { describe, expect, test } from "vitest";
import { cpuRatio } from "#lib/testing/promptness";
import { parseMessages } from "./parse";

/** A message with blocks within as many results of calls. */
function bodyOf(depth: number, blocks: readonly object[]): string {
  let content: readonly object[] = blocks;
  for (let at = 0; at < depth; at++) content = [{ type: "tool_result", tool_use_id: "a", content }];
  return JSON.stringify({ model: "m", max_tokens: 5, messages: [{ role: "user", content }] });
}

describe("blocks within results of calls", () => {
  test.each<[string, object, string]>([
    ["a mark of the cache", { type: "text", text: "a", cache_control: { ttl: "2h" } }, ".cache_control.ttl"],
    ["a block without text", { type: "text" }, ".text"],
    ["a stored file", { type: "document", source: { type: "file", file_id: "f" } }, ".source.file_id"],
  ])("are judged at any depth: %s", (_, block, at) => {
    for (const depth of [0, 1, 3]) {
      const param = `messages[0]${".content[0]".repeat(depth + 1)}${at}`;
      expect(() => parseMessages(bodyOf(depth, [block]))).toThrow(expect.objectContaining({ param }));
    }
  });

  test("are judged in the same time at any depth", async () => {
    const blocks = Array.from({ length: 3_000 }, () => ({ type: "zzz", a: [{}, {}, {}, {}, {}] }));
    const [deep, flat] = [bodyOf(60, blocks), bodyOf(0, blocks)];
    expect(
      await cpuRatio(
        () => parseMessages(deep),
        () => parseMessages(flat),
      ),
    ).toBeLessThan(5);
  });
});
