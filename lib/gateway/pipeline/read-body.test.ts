import { describe, expect, test } from "vitest";
import type { GatewayRequest } from "#lib/gateway/ports/exchange";
import { newCancellation } from "#lib/providers/cancellation";
import { cpuRatio } from "#lib/testing/promptness";
import { readBodyText } from "./read-body";

const requestWith = (encoding: string | null): GatewayRequest => ({
  method: "POST",
  url: "/v1/chat/completions",
  header: (name) => (name === "content-encoding" ? encoding : null),
  headerNames: () => [],
  hasArrived: () => true,
  readBody: () => Promise.resolve(Buffer.from("{}")),
  gone: newCancellation(),
  socket: null,
});
const read = (encoding: string | null) => readBodyText(requestWith(encoding), 100, () => {});

describe("a body's encoding", () => {
  test.each([null, "", " ", "identity", " Identity "])("may be none: %j", async (encoding) => {
    expect(await read(encoding)).toBe("{}");
  });

  test.each(["gzip", "identity, gzip", "identity identity"])("may not be %s", async (encoding) => {
    await expect(read(encoding)).rejects.toMatchObject({ code: "unsupported_media_type" });
  });

  test("is read in time that grows with its length alone", async () => {
    const spaces = "\u00a0".repeat(8_000);
    const rejects = (encoding: string) => () => read(encoding).catch(() => {});
    expect(await cpuRatio(rejects(`${spaces}x`), rejects(`x${"y".repeat(8_000)}`))).toBeLessThan(100);
  });
});
