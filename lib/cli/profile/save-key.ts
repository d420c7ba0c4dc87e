import type { Io } from "#lib/cli/io";
import type { ConnectionFlags } from "./connection";
import { type Profile, readProfiles, writeProfiles } from "./store";

/** The profile in use, if it is for the server at `url`. */
export function profileOf(
  io: Io,
  flags: ConnectionFlags,
  url: string,
): { name: string; profile: Profile } | null {
  const saved = readProfiles(io.env.configFile);
  const name = flags.profile ?? saved.current;
  const profile = name === null ? undefined : saved.profiles[name];
  return name !== null && profile?.url === url ? { name, profile } : null;
}

/**
 * Saves an API key in the profile of the server at `url`, for `chat`.
 * @returns the profile's name; null without a profile for that server
 */
export function saveKey(io: Io, flags: ConnectionFlags, url: string, key: string): string | null {
  const found = profileOf(io, flags, url);
  if (found === null) return null;
  const saved = readProfiles(io.env.configFile);
  const profiles = { ...saved.profiles, [found.name]: { ...found.profile, api_key: key } };
  writeProfiles(io.env.configFile, { ...saved, profiles });
  return found.name;
}

/** Removes the key saved for the server at `url`, if it starts with one of the prefixes. */
export function forgetKey(io: Io, flags: ConnectionFlags, url: string, prefixes: readonly string[]): void {
  const found = profileOf(io, flags, url);
  const kept = found?.profile.api_key;
  if (found === null || kept === undefined || !prefixes.some((prefix) => kept.startsWith(prefix))) return;
  const saved = readProfiles(io.env.configFile);
  const { api_key: _removed, ...profile } = found.profile;
  writeProfiles(io.env.configFile, { ...saved, profiles: { ...saved.profiles, [found.name]: profile } });
}
