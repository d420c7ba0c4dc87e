import { z } from "zod";
import { providerType } from "#lib/providers/provider-type";

/** A type that shares nothing with the others: its own credentials, headers, paths, output bound and probe. */
export const dummy = providerType({
  baseUrl: { kind: "required" },
  credentials: z.strictObject({ account: z.string(), token: z.string() }),
  credentialsRequired: true,
  settings: z.strictObject({ region: z.string().default("north") }),
  sign: ({ account, token }) => ["x-dummy-account", account, "x-dummy-token", token],
  wires: ({ region }) => [
    {
      dialect: "chat",
      path: ({ upstreamModel }) => `${region}/models/${upstreamModel}:chat`,
      outputLimitField: "max_dummy_tokens",
      streamUsage: false,
    },
  ],
  probe: async () => ({ latencyMs: 0, error: null }),
});
