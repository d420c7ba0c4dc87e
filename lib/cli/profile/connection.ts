import { CliError, EXIT, wrongUsage } from "#lib/cli/failure";
import type { CliEnvironment } from "#lib/config/cli-environment";
import { type Profile, readProfiles } from "./store";

/** The options that choose the server and the token. */
export type ConnectionFlags = {
  url?: string | undefined;
  token?: string | undefined;
  profile?: string | undefined;
};

const TOKEN_HELP =
  "The token is the server's ADMIN_API_KEY (with an embedded database: in secrets.json in its DATA_DIR, .data) or an admin token.";

/**
 * The server's URL: from --url, then the profile of --profile, then the environment, then the current profile.
 * @throws CliError that says how to set it
 */
export function serverUrl(flags: ConnectionFlags, env: CliEnvironment): string {
  if (flags.url !== undefined) return normalizedUrl(flags.url, "--url");
  if (flags.profile === undefined && env.url !== undefined) return normalizedUrl(env.url, "TOLLGATE_URL");
  const profile = chosenProfile(flags, env);
  if (profile !== null) return profile.url;
  throw wrongUsage(
    "No server URL given.",
    `Save it:  npx tollgate login --url http://localhost:3000 --token TOKEN\nor pass --url and --token, or set TOLLGATE_URL and TOLLGATE_TOKEN.\n${TOKEN_HELP}`,
  );
}

/**
 * The admin token for the server at `url`. A profile's token is only sent to that profile's server.
 * @throws CliError that says how to set it
 */
export function adminToken(url: string, flags: ConnectionFlags, env: CliEnvironment): string {
  if (flags.token !== undefined) return flags.token;
  if (flags.profile === undefined && env.token !== undefined) return env.token;
  const profile = chosenProfile(flags, env);
  if (profile?.url === url) return profile.token;
  throw new CliError(`No admin token for ${url}.`, EXIT.denied, {
    hint: `Sign in:  npx tollgate login --url ${url} --token TOKEN\nor pass --token, or set TOLLGATE_TOKEN.\n${TOKEN_HELP}`,
  });
}

/** The admin token, or null without one. */
export function adminTokenIfAny(url: string, flags: ConnectionFlags, env: CliEnvironment): string | null {
  try {
    return adminToken(url, flags, env);
  } catch {
    return null;
  }
}

/**
 * The API key for the data plane at `url`: from --key, then the environment, then the profile.
 * @throws CliError that says how to get one
 */
export function apiKey(
  url: string,
  flags: ConnectionFlags & { key?: string | undefined },
  env: CliEnvironment,
): string {
  if (flags.key !== undefined) return flags.key;
  if (flags.profile === undefined && env.apiKey !== undefined) return env.apiKey;
  const profile = chosenProfile(flags, env);
  if (profile?.url === url && profile.api_key !== undefined) return profile.api_key;
  throw new CliError(`No API key for ${url}.`, EXIT.denied, {
    hint: "Pass --key, set TOLLGATE_API_KEY, or create and save a key:  npx tollgate key create laptop --user EMAIL --save",
  });
}

/** The API key, or null without one. */
export function apiKeyIfAny(url: string, flags: ConnectionFlags, env: CliEnvironment): string | null {
  try {
    return apiKey(url, flags, env);
  } catch {
    return null;
  }
}

/** @throws CliError when --profile names a profile that does not exist */
function chosenProfile(flags: ConnectionFlags, env: CliEnvironment): Profile | null {
  const saved = readProfiles(env.configFile);
  const name = flags.profile ?? saved.current;
  const profile = name === null ? undefined : saved.profiles[name];
  if (profile !== undefined) return profile;
  if (flags.profile === undefined) return null;
  const names = Object.keys(saved.profiles);
  throw new CliError(
    `Not found: profile "${flags.profile}".`,
    EXIT.usage,
    names.length > 0
      ? { hint: `Profiles: ${names.join(", ")}.` }
      : { hint: "Create it:  npx tollgate login --url http://localhost:3000 --token TOKEN --profile NAME" },
  );
}

/**
 * The URL as it is saved and compared: without a trailing slash and without the path of an API.
 * @throws CliError when it is not an HTTP URL
 */
export function normalizedUrl(text: string, from: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw wrongUsage(`${from}: "${text}" is not a URL.`, "Use one like http://localhost:3000.");
  }
  if (url.username || url.password) {
    throw wrongUsage(`${from}: the URL must not contain a user or password.`, "Pass the token with --token.");
  }
  const path = url.pathname.replace(/\/+$/, "").replace(/\/(api\/admin\/v1|v1)$/, "");
  return url.origin + path;
}
