import { z } from "zod";
import type { Gate } from "../fixtures";

/** The headers with which a client of the data plane authenticates. */
export type Credentials = Record<string, string>;

export const byKey = (key: string): Credentials => ({ authorization: `Bearer ${key}` });

export const byApp = (secret: string, appId: string, userOid?: string): Credentials => ({
  "x-gateway-secret": secret,
  "x-app-id": appId,
  ...(userOid === undefined ? {} : { "x-user-oid": userOid }),
});

export type Reply = {
  /** The status and, for an error, its code: "200", "403 payment_expired". */
  outcome: string;
  headers: Headers;
  /** The ledger row's id. */
  id: string;
};

const ErrorBody = z.object({ error: z.object({ code: z.string() }) });

const send = (gate: Gate, credentials: Credentials, fields: object): Promise<Response> =>
  fetch(`${gate.v1}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", ...credentials },
    body: JSON.stringify({
      model: gate.model("instant"),
      messages: [{ role: "user", content: "Hello!" }],
      ...fields,
    }),
  });

/** Sends a chat completion, to the scenario "instant" unless given another model, and reads the response. */
export async function chat(gate: Gate, credentials: Credentials, fields: object = {}): Promise<Reply> {
  const response = await send(gate, credentials, fields);
  const text = await response.text();
  const error = response.ok ? undefined : ErrorBody.safeParse(JSON.parse(text)).data?.error.code;
  return {
    outcome: [response.status, error].filter((part) => part !== undefined).join(" "),
    headers: response.headers,
    id: response.headers.get("x-request-id") ?? "",
  };
}

/** Opens a stream that takes a second. Its request is held from here until the stream has been read. */
export const openStream = (gate: Gate, credentials: Credentials): Promise<Response> =>
  send(gate, credentials, { model: gate.model("slow-stream"), stream: true });

/** Only the outcome of a chat completion. */
export const outcome = async (gate: Gate, credentials: Credentials, fields: object = {}): Promise<string> =>
  (await chat(gate, credentials, fields)).outcome;
