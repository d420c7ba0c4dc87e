import { CliError, EXIT, wrongUsage } from "#lib/cli/failure";
import type { CliEnvironment } from "#lib/config/cli-environment";
import { type Profile, readProfiles } from "./store";

/** What the command line may say about where to go and as whom. */
export type ConnectionFlags = {
  url?: string | undefined;
  token?: string | undefined;
  profile?: string | undefined;
};

const WHERE_A_TOKEN_IS =
  "A token is the server's ADMIN_API_KEY (a server with an embedded database makes its own: secrets.json in its DATA_DIR, .data), or an admin token that it has made.";

/**
 * The server's URL, from flags, else a profile named by a flag, else the environment, else the current profile.
 * @throws CliError that says how to give one
 */
export function serverUrl(flags: ConnectionFlags, env: CliEnvironment): string {
  if (flags.url !== undefined) return normalizedUrl(flags.url, "--url");
  if (flags.profile === undefined && env.url !== undefined) return normalizedUrl(env.url, "TOLLGATE_URL");
  const profile = chosenProfile(flags, env);
  if (profile !== null) return profile.url;
  throw wrongUsage(
    "Which server? No URL was given.",
    `Say it once:  npx tollgate login --url http://localhost:3000 --token TOKEN\nor each time:  --url and --token, or the variables TOLLGATE_URL and TOLLGATE_TOKEN.\n${WHERE_A_TOKEN_IS}`,
  );
}

/**
 * The admin token for the server at `url`. A profile's token goes to that profile's server only.
 * @throws CliError that says how to give one
 */
export function adminToken(url: string, flags: ConnectionFlags, env: CliEnvironment): string {
  if (flags.token !== undefined) return flags.token;
  if (flags.profile === undefined && env.token !== undefined) return env.token;
  const profile = chosenProfile(flags, env);
  if (profile?.url === url) return profile.token;
  throw new CliError(`No admin token was given for ${url}.`, EXIT.denied, {
    hint: `Sign in:  npx tollgate login --url ${url} --token TOKEN\nor give one each time:  --token, or the variable TOLLGATE_TOKEN.\n${WHERE_A_TOKEN_IS}`,
  });
}

/** The admin token, where there is one. */
export function adminTokenIfAny(url: string, flags: ConnectionFlags, env: CliEnvironment): string | null {
  try {
    return adminToken(url, flags, env);
  } catch {
    return null;
  }
}

/**
 * The API key for the data plane at `url`: the flag, else the environment, else the profile's.
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
  throw new CliError(`No API key was given for ${url}.`, EXIT.denied, {
    hint: "Pass --key, or set TOLLGATE_API_KEY, or make one and keep it:  npx tollgate key create laptop --user EMAIL --save",
  });
}

/** @throws CliError when a profile is named that is not there */
function chosenProfile(flags: ConnectionFlags, env: CliEnvironment): Profile | null {
  const saved = readProfiles(env.configFile);
  const name = flags.profile ?? saved.current;
  const profile = name === null ? undefined : saved.profiles[name];
  if (profile !== undefined) return profile;
  if (flags.profile === undefined) return null;
  const names = Object.keys(saved.profiles);
  throw new CliError(
    `There is no profile "${flags.profile}".`,
    EXIT.usage,
    names.length > 0
      ? { hint: `There are: ${names.join(", ")}.` }
      : { hint: "Make one:  npx tollgate login --url http://localhost:3000 --token TOKEN --profile NAME" },
  );
}

/**
 * The URL as it is saved and compared: no slash at the end, and no path of an API where one was pasted.
 * @throws CliError when it is none
 */
export function normalizedUrl(text: string, from: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw wrongUsage(`${from}: "${text}" is not a URL.`, "Give one like http://localhost:3000");
  }
  if (url.username || url.password) {
    throw wrongUsage(`${from}: leave user and password out of the URL.`, "The token is given by --token.");
  }
  const path = url.pathname.replace(/\/+$/, "").replace(/\/(api\/admin\/v1|v1)$/, "");
  return url.origin + path;
}
