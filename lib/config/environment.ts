import { z } from "zod";
import { addressRange } from "./address-ranges";
import { WINDOW_FORM, type WindowLimit, windowOf } from "./rate-windows";

const flag = z
  .enum(["true", "false", "1", "0"], { error: "must be true or false" })
  .transform((value) => value === "true" || value === "1");
const wholeNumber = (least: number, most: number) =>
  z.coerce.number({ error: "must be a whole number" }).int("must be a whole number").min(least).max(most);
const redisUrl = z.string().regex(/^rediss?:\/\//, "must begin with redis:// or rediss://");
const postgresUrl = z.string().regex(/^postgres(ql)?:\/\//, "must begin with postgres:// or postgresql://");
const encryptionKey = z
  .string()
  .refine(
    (value) => Buffer.from(value, "base64").length === 32,
    "must be 32 bytes in base64 (openssl rand -base64 32)",
  );

/** Short names for common ranges. */
const PROXY_NAMES: Readonly<Record<string, readonly string[]>> = {
  loopback: ["127.0.0.0/8", "::1"],
  private: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"],
};

/** Addresses and ranges, separated by commas. */
const proxies = z.string().transform((text, ctx): string[] => {
  const words = text.split(",").map((word) => word.trim());
  return words.flatMap((word) => {
    const named = PROXY_NAMES[word];
    if (named !== undefined) return [...named];
    const range = addressRange(word);
    if (range !== null) return [range];
    ctx.addIssue({
      code: "custom",
      message: "must be addresses, ranges like 10.0.0.0/8, loopback or private, separated by commas",
    });
    return [];
  });
});

/** Rate windows, separated by commas. */
const rateWindows = z.string().transform((text, ctx): WindowLimit[] =>
  text.split(",").flatMap((each) => {
    const window = windowOf(each);
    if (window !== null) return [window];
    ctx.addIssue({ code: "custom", message: `must be windows, separated by commas: each ${WINDOW_FORM}` });
    return [];
  }),
);

const text = z.string().trim().min(1);
const pathSegment = z
  .string()
  .trim()
  .regex(/^[\w-]+$/, "must have only letters, digits, dashes and underscores");

/** Every variable that Tollgate reads. All are optional. */
const Variables = z.object({
  NODE_ENV: z.enum(["development", "production", "test"]).default("production"),
  PORT: wholeNumber(0, 65_535).default(3000),
  HOST: z.string().default("0.0.0.0"),
  DATA_DIR: z.string().default(".data"),
  DATABASE_URL: postgresUrl.optional(),
  DIRECT_URL: postgresUrl.optional(),
  NEXTAUTH_URL: z.url("must be the portal's URL, like https://tollgate.example.com").optional(),
  NEXTAUTH_SECRET: z.string().min(16, "must have at least 16 characters").optional(),
  ENCRYPTION_KEY: encryptionKey.optional(),
  ENCRYPTION_KEY_PREVIOUS: encryptionKey.optional(),
  ADMIN_EMAIL: z.email("must be an e-mail address").optional(),
  ADMIN_PASSWORD: z.string().min(8, "must have at least 8 characters").optional(),
  ADMIN_API_KEY: z
    .string()
    .regex(/^[\x21-\x7e]{16,}$/, "must have at least 16 characters, without spaces (openssl rand -hex 32)")
    .optional(),
  CRON_SECRET: z.string().min(1).optional(),
  METRICS_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]{16,}$/, "must have at least 16 characters, without spaces (openssl rand -hex 32)")
    .optional(),
  TRUSTED_PROXIES: proxies.default([]),
  UPSTASH_REDIS_REST_URL: z
    .url({ protocol: /^https?$/, error: "must be the REST URL, like https://eu1-example-12345.upstash.io" })
    .optional(),
  UPSTASH_REDIS_REST_TOKEN: text.optional(),
  REDIS_URL: redisUrl.optional(),
  RATE_LIMIT_REQUESTS_PER_MINUTE: wholeNumber(0, 10_000_000).default(0),
  RATE_LIMIT_WINDOWS: rateWindows.default([]),
  OIDC_ISSUER: z
    .url({
      protocol: /^https?$/,
      error: "must be the issuer's URL, like https://login.example.com",
    })
    .optional(),
  OIDC_CLIENT_ID: text.optional(),
  OIDC_CLIENT_SECRET: text.optional(),
  OIDC_NEW_USERS: z.enum(["refuse", "create"], { error: "must be refuse or create" }).default("refuse"),
  OIDC_ORGANIZATION: text.optional(),
  PRICE_CATALOGUE_URL: z
    .url({ protocol: /^https?$/, error: "must be the URL of a price catalogue in LiteLLM's form" })
    .optional(),
  OPENAI_API_KEY: z.string().min(1).optional(),
  ANTHROPIC_API_KEY: z.string().min(1).optional(),
  GOOGLE_GENERATIVE_AI_API_KEY: z.string().min(1).optional(),
  AI_GATEWAY_ACCOUNT_ID: pathSegment.optional(),
  AI_GATEWAY_ID: pathSegment.optional(),
  AI_GATEWAY_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]+$/, "must have no spaces")
    .optional(),
  KEYS_FILE_PATH: text.optional(),
  DEFAULT_MODEL: text.optional(),
  REQUEST_TIMEOUT_MS: wholeNumber(1, 86_400_000).default(600_000),
  MAX_BODY_BYTES: wholeNumber(1024, 1_073_741_824).default(33_554_432),
  LOG_RETENTION_DAYS: wholeNumber(1, 36_500).default(90),
  LOG_LEVEL: z.preprocess(
    (value) => (typeof value === "string" ? value.toLowerCase() : value),
    z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
  ),
  LOG_FILE_PATH: text.optional(),
  BLOCK_PRIVATE_UPSTREAMS: flag.default(false),
  ALLOW_PRIVATE_WEBHOOKS: flag.default(false),
  SMTP_URL: z
    .url({
      protocol: /^smtps?$/,
      error: "must be the mail server's URL, like smtps://user:password@mail.example.com",
    })
    .optional(),
  MAIL_FROM: text.optional(),
  /** Set by Vercel, which has no persistent disk and no long-running process. */
  VERCEL: z.string().optional(),
});

/** Their names. */
export const VARIABLE_NAMES: readonly string[] = Object.keys(Variables.shape);

/** Rules between variables. */
const Environment = Variables.superRefine((given, ctx) => {
  const missing = (name: string, message: string) =>
    ctx.addIssue({ code: "custom", path: [name], message: `must be set ${message}` });
  const allOrNone = (together: Readonly<Record<string, string | undefined>>, why: string) => {
    const entries = Object.entries(together);
    if (entries.every(([, value]) => value === undefined)) return;
    for (const [name, value] of entries) if (value === undefined) missing(name, `too: ${why}`);
  };
  const { OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET } = given;
  allOrNone(
    { OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET },
    "single sign-on needs all three OIDC_ variables",
  );
  const { AI_GATEWAY_ACCOUNT_ID, AI_GATEWAY_ID, AI_GATEWAY_TOKEN } = given;
  allOrNone(
    { AI_GATEWAY_ACCOUNT_ID, AI_GATEWAY_ID, AI_GATEWAY_TOKEN },
    "Cloudflare's AI Gateway needs all three AI_GATEWAY_ variables",
  );
  if ((given.UPSTASH_REDIS_REST_URL === undefined) !== (given.UPSTASH_REDIS_REST_TOKEN === undefined)) {
    const [missingHalf, givenHalf] =
      given.UPSTASH_REDIS_REST_URL === undefined ? ["URL", "TOKEN"] : ["TOKEN", "URL"];
    missing(`UPSTASH_REDIS_REST_${missingHalf}`, `with UPSTASH_REDIS_REST_${givenHalf}`);
  }
  if (given.ENCRYPTION_KEY_PREVIOUS !== undefined && given.ENCRYPTION_KEY_PREVIOUS === given.ENCRYPTION_KEY) {
    ctx.addIssue({
      code: "custom",
      path: ["ENCRYPTION_KEY_PREVIOUS"],
      message: "must be another key than ENCRYPTION_KEY: the one that it replaces",
    });
  }
  if (given.OIDC_NEW_USERS === "create" && given.OIDC_ORGANIZATION === undefined) {
    missing("OIDC_ORGANIZATION", "with OIDC_NEW_USERS=create: the organization that new people join");
  }
});

export type Environment = z.output<typeof Environment>;

/** The environment is wrong; `message` has one line per variable that says what it must be. */
export class ConfigError extends Error {
  override name = "ConfigError";
}

/**
 * Reads and checks the environment. An empty variable counts as unset.
 * @throws ConfigError naming every wrong variable
 */
export function parseEnvironment(env: Readonly<Record<string, string | undefined>>): Environment {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ""),
  );
  const parsed = Environment.safeParse(given);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new ConfigError(lines.join("\n"));
}
