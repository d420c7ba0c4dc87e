import "server-only";
import { z } from "zod";
import { seal } from "#lib/config/seal";
import { providers } from "#lib/db/schema/routing";
import { invalidField, ServiceError } from "#lib/http/errors";
import { parseInput } from "#lib/http/parse-input";
import { defaultBaseUrl } from "#lib/providers/registry";
import { SimulatedSettings } from "#lib/providers/simulated-settings";
import { recordAudit } from "#lib/services/audit/record-audit";
import { checkedBaseUrl } from "./base-url";
import { type RoutingContext, requireRoutingAdministrator } from "./routing-context";

const TYPES = ["openai", "openai-compatible", "simulated"] as const;

export const CreateProviderInput = z.object({
  name: z
    .string()
    .trim()
    .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, "Use small letters, digits, dots, dashes; at most 63 characters."),
  type: z.enum(TYPES, `Choose one of: ${TYPES.join(", ")}.`),
  /** Needed where the type has none of its own; with the version segment, like https://api.groq.com/openai/v1. */
  baseUrl: z.string().trim().max(2000).optional(),
  credentials: z
    .object({
      // It travels in a header.
      apiKey: z.string().regex(/^[\x21-\x7e]{1,4000}$/, "Give the API key as it was issued, without spaces."),
    })
    .optional(),
  /** What a type needs besides: the simulated provider's pace. */
  settings: z.record(z.string(), z.unknown()).default({}),
});

/** A provider as it is shown: its credentials go in and never come out. */
export type ProviderSummary = {
  id: string;
  name: string;
  type: string;
  baseUrl: string | null;
  hasCredentials: boolean;
  enabled: boolean;
  createdAt: Date;
};

/**
 * Makes a provider, its credentials sealed, and audits it.
 * @throws ServiceError "invalid", "conflict" for a name that is taken, "forbidden" for all but administrators
 */
export async function createProvider(
  ctx: RoutingContext,
  input: z.input<typeof CreateProviderInput>,
): Promise<ProviderSummary> {
  requireRoutingAdministrator(ctx);
  const { name, type, credentials, settings, ...asked } = parseInput(CreateProviderInput, input);
  const baseUrl = asked.baseUrl ? checkedBaseUrl(asked.baseUrl, ctx.config.BLOCK_PRIVATE_UPSTREAMS) : null;
  if (type === "simulated") {
    if (baseUrl !== null || credentials)
      throw invalidField("type", "A simulated provider has no URL or key.");
    checkSimulatedSettings(settings);
  } else {
    if (Object.keys(settings).length > 0) throw invalidField("settings", "This type has no settings.");
    if (baseUrl === null && defaultBaseUrl(type) === "") throw invalidField("baseUrl", "Give the base URL.");
    if (type === "openai" && !credentials) throw invalidField("credentials.apiKey", "Give the API key.");
  }
  const sealed =
    credentials && seal(JSON.stringify({ api_key: credentials.apiKey }), ctx.config.ENCRYPTION_KEY);
  return ctx.db.transaction(async (tx) => {
    const [made] = await tx
      .insert(providers)
      .values({ name, type, baseUrl, credentials: sealed, settings })
      .onConflictDoNothing({ target: providers.name })
      .returning();
    if (made === undefined) {
      throw new ServiceError("conflict", `There is a provider named "${name}" already.`, {
        name: "This name is taken.",
      });
    }
    await recordAudit(tx, ctx, {
      action: "provider.create",
      subjectType: "provider",
      subjectId: made.id,
      organizationId: null,
      after: { name, type, baseUrl, settings, hasCredentials: credentials !== undefined },
    });
    return {
      id: made.id,
      name,
      type,
      baseUrl,
      hasCredentials: credentials !== undefined,
      enabled: made.enabled,
      createdAt: made.createdAt,
    };
  });
}

function checkSimulatedSettings(settings: unknown): void {
  const parsed = SimulatedSettings.safeParse(settings);
  if (!parsed.success) throw invalidField("settings", z.prettifyError(parsed.error));
}
