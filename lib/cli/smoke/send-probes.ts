import { z } from "zod";
import { segment } from "#lib/cli/api/client";
import { send } from "#lib/cli/api/send";
import type { DataPlane } from "#lib/cli/chat/complete";
import { CliError } from "#lib/cli/failure";
import { PROBES, type Probe } from "./probes";

/** What came of one request. */
export type Outcome = { name: string; state: "ok" | "skipped" | "failed"; detail: string };

const TIMEOUT_MS = 120_000;
const ModelList = z.looseObject({ data: z.array(z.looseObject({ id: z.string() })) });
const ErrorCode = z.looseObject({
  error: z.looseObject({ code: z.string().nullish(), type: z.string().nullish() }),
});

/**
 * Sends one request to each endpoint of the data plane.
 * @param model the model to ask for; by default the first that the key may use
 */
export async function sendProbes(plane: DataPlane, model: string | undefined): Promise<Outcome[]> {
  const listed = await timed("GET /v1/models", () => request(plane, "GET", "/v1/models"));
  if (listed.text === null) return [listed.outcome];
  const names = ModelList.parse(JSON.parse(listed.text)).data.map(({ id }) => id);
  const chat = model ?? names.find((name) => !isForEmbeddings(name)) ?? null;
  const outcomes = [listed.outcome];
  for (const probe of PROBES) {
    const asked = probe.asks === "embedding" ? (names.find(isForEmbeddings) ?? chat) : chat;
    outcomes.push(await sendProbe(plane, probe, asked));
  }
  return outcomes;
}

const isForEmbeddings = (name: string) => /embed/i.test(name);

async function sendProbe(plane: DataPlane, probe: Probe, model: string | null): Promise<Outcome> {
  const { name, method, body, has, asks } = probe;
  if (asks !== undefined && model === null)
    return { name, state: "skipped", detail: "the key may use no model" };
  const path = probe.path.replace("{model}", segment(model ?? ""));
  const sent = await timed(name, () => request(plane, method, path, body && { model, ...body }));
  if (sent.text === null || sent.text.includes(has)) return sent.outcome;
  return { name, state: "failed", detail: `the answer has no ${has}` };
}

async function timed(
  name: string,
  run: () => Promise<string>,
): Promise<{ text: string | null; outcome: Outcome }> {
  const startedAt = performance.now();
  try {
    const text = await run();
    const detail = `${Math.round(performance.now() - startedAt)} ms`;
    return { text, outcome: { name, state: "ok", detail } };
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    const state = isNotServedThere(error) ? "skipped" : "failed";
    return { text: null, outcome: { name, state, detail: error.message } };
  }
}

/** A model is not served on every endpoint. */
function isNotServedThere({ status, body }: CliError): boolean {
  const { code, type } = ErrorCode.safeParse(body).data?.error ?? {};
  return status === 404 && (code === "model_not_found" || type === "not_found_error");
}

async function request(
  { url, key }: DataPlane,
  method: string,
  path: string,
  body?: object,
): Promise<string> {
  const answer = await send(new URL(url + path), {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      "x-tollgate-tags": "smoke",
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...(path.startsWith("/v1/messages") ? { "anthropic-version": "2023-06-01" } : {}),
    },
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  return answer.text();
}
