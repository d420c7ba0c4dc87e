import { expect, test } from "vitest";
import { catalogueProviderId } from "#lib/credit/prices/catalogue";
import { NO_MEDIA } from "#lib/dialects/media/media";
import { testRoute } from "#lib/gateway/testing/test-model";
import { PROVIDER_PRESETS } from "#lib/providers/presets";
import { findProviderType } from "#lib/providers/registry";
import { isAudioUnpriced } from "./audio-by-time";
import { mayBillAfterDisconnect } from "./billed-after-disconnect";
import { knownTokensPerSecond } from "./fast-models";
import { mayReadMarkdown } from "./markdown-servers";
import { paidReadingParam } from "./paid-reading";

type Known = {
  /** Whether it stops, and stops billing, when the connection of a stream is closed. */
  stops: boolean;
  /** The catalogue that has its prices. */
  prices: string | null;
  /** Whether its servers are known not to read Markdown as pictures. */
  ownServer: boolean;
  tokensPerSecond?: number;
  audioByTime?: true;
  readsForFee?: true;
};

/** What is known by its address of each provider, which a preset must not lose. */
const BY_ADDRESS: Readonly<Record<string, Known>> = {
  groq: { stops: false, prices: "groq", ownServer: true, tokensPerSecond: 1000 },
  mistral: { stops: false, prices: "mistral", ownServer: true, audioByTime: true },
  deepseek: { stops: true, prices: "deepseek", ownServer: true },
  xai: { stops: true, prices: "x-ai", ownServer: true, readsForFee: true },
  openrouter: { stops: false, prices: "openrouter", ownServer: false, audioByTime: true, readsForFee: true },
  together: { stops: true, prices: "together", ownServer: true },
  fireworks: { stops: true, prices: "fireworks", ownServer: true },
  moonshot: { stops: false, prices: "moonshotai", ownServer: true },
  zai: { stops: false, prices: "zai", ownServer: false },
  cerebras: { stops: false, prices: "cerebras", ownServer: true, tokensPerSecond: 3000 },
  perplexity: { stops: false, prices: "perplexity", ownServer: true },
  nvidia: { stops: false, prices: null, ownServer: false },
  "github-models": { stops: false, prices: null, ownServer: false },
  "cloudflare-ai-gateway": { stops: false, prices: null, ownServer: false },
  // Servers of one's own stop, and send no bill.
  vllm: { stops: true, prices: null, ownServer: false },
  ollama: { stops: true, prices: null, ownServer: false },
  "lm-studio": { stops: true, prices: null, ownServer: false },
  "llama.cpp": { stops: true, prices: null, ownServer: false },
};

test("each preset is listed", () => {
  expect(PROVIDER_PRESETS.map(({ name }) => name)).toEqual(Object.keys(BY_ADDRESS));
});

test.each(PROVIDER_PRESETS)("what is known by its address holds for $name", ({ name, type, ...stored }) => {
  const opened = findProviderType(type)?.open({ ...stored, credentials: null });
  const [wire] = opened?.wires("m") ?? [];
  const route = testRoute("m");
  const target = { ...route.target, baseUrl: opened?.baseUrl ?? "" };
  const at = { ...route, target, wire: wire ?? route.wire };
  const recording = { ...NO_MEDIA, mostAudioSeconds: 1 };
  const document = { ...NO_MEDIA, unboundedParam: "messages[0]" };
  const found: Known = {
    stops: !mayBillAfterDisconnect(at, true),
    prices: catalogueProviderId(target.baseUrl),
    ownServer: !mayReadMarkdown(target),
    ...(knownTokensPerSecond(target) > 0 && { tokensPerSecond: knownTokensPerSecond(target) }),
    ...(isAudioUnpriced(recording, { routes: [at] }) && { audioByTime: true }),
    ...(paidReadingParam(document, { routes: [at] }) !== null && { readsForFee: true }),
  };
  expect(found).toEqual(BY_ADDRESS[name]);
});
