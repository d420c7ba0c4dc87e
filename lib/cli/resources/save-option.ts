import { Option } from "@commander-js/extra-typings";
import { wrongUsage } from "#lib/cli/failure";
import { remark } from "#lib/cli/output/show";
import { profileOf, saveKey } from "#lib/cli/profile/save-key";
import type { Effect } from "./resource";

/**
 * `--save`: saves a new key in the profile.
 * @param otherwise a hint for people who did not pass it
 */
export function savesKey(
  description: string,
  { otherwise }: { otherwise?: string } = {},
): Effect<{ key: string | null }> {
  return {
    options: [new Option("--save", description)],
    before: ({ save }, cli) => {
      const url = cli.url();
      if (!save || profileOf(cli.io, cli.globals(), url) !== null) return;
      throw wrongUsage(
        `No profile for ${url} to save the key in.`,
        `Create one:  npx tollgate login --url ${url} --token TOKEN`,
      );
    },
    after: ({ save }, cli, { key }) => {
      // A key that was given by its digest.
      if (key === null) return;
      if (save) {
        const profile = saveKey(cli.io, cli.globals(), cli.url(), key);
        remark(cli, `Saved in the profile "${profile}". Try it:  npx tollgate chat Hello`);
      } else if (otherwise !== undefined && !cli.globals().json) remark(cli, otherwise);
    },
  };
}
