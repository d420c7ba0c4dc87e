import { type FakeUpstream, startFakeUpstream } from "./fake-upstream";
import type { FromUpstream, ToUpstream } from "./upstream-process";

let upstream: FakeUpstream | undefined;

async function answer(message: ToUpstream): Promise<FromUpstream> {
  if ("ask" in message) {
    if (message.ask === "bills") return { bills: [...(upstream?.bills ?? [])] };
    return { requests: upstream?.requests ?? [] };
  }
  upstream = await startFakeUpstream(message.start);
  return { url: upstream.url };
}

process.on("message", async (message: ToUpstream) => process.send?.(await answer(message)));
process.on("disconnect", () => process.exit());
